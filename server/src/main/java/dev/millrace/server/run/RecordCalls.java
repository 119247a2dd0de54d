package dev.millrace.server.run;

import dev.millrace.server.function.js.FunctionHost;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.DeleteGuard;
import dev.millrace.server.record.Guard;
import dev.millrace.server.record.ModelRules;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.RecordsRefused;
import dev.millrace.server.record.Saved;
import dev.millrace.server.record.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A run's access to the records cache. Counts its changes by model. */
public final class RecordCalls {
    /** Larger batches are not deferred, so that two of them are not in memory at once. */
    private static final int LARGEST_PUT_OFF = 4 * 1024 * 1024;

    private final Platform platform;
    private final Records records;
    private final Work work;
    private final Logs.Log log;
    private final long generation;
    private final boolean keepsSeen;
    private final MetadataPin pin;
    private final Validation validation;
    private final Map<String, Guard> guards = new ConcurrentHashMap<>();
    private final Map<String, ModelRules> rules = new ConcurrentHashMap<>();
    private final Map<String, int[]> counts = new TreeMap<>();
    private final Saves saves = new Saves();
    private volatile @Nullable String refusedDeletes;

    /** @param keepsSeen whether the run may end with a deletion of the records that it has not saved */
    RecordCalls(
            Platform platform,
            Work work,
            Logs.Log log,
            long generation,
            boolean keepsSeen,
            MetadataPin pin,
            Validation validation) {
        this.platform = platform;
        this.records = platform.records();
        this.work = work;
        this.log = log;
        this.generation = generation;
        this.keepsSeen = keepsSeen;
        this.pin = pin;
        this.validation = validation;
    }

    void save(FunctionHost.RecordsCall call) throws InterruptedException {
        var model = call.model();
        var body = call.lines();
        carryOut(model, dataset -> {
            var lines = lines(body);
            validation.records(model, lines);
            saves.save(model, () -> records.prepareSave(dataset, writer(model), lines), saved -> wrote(model, saved));
            if (body.length > LARGEST_PUT_OFF) {
                saves.settle();
            }
        });
    }

    void update(FunctionHost.RecordsCall call) throws InterruptedException {
        var model = call.model();
        carryOut(model, dataset -> wrote(model, records.update(dataset, writer(model), lines(call.lines()))));
    }

    void delete(FunctionHost.RecordsCall call) throws InterruptedException {
        var model = call.model();
        carryOut(model, dataset -> wrote(model, records.delete(dataset, writer(model), lines(call.lines()))));
    }

    byte[] get(String model, List<String> ids) throws InterruptedException {
        return answer(model, dataset -> records.get(dataset, ids));
    }

    byte[] list(FunctionHost.RecordsPage page) throws InterruptedException {
        return answer(page.model(), dataset -> {
            var after = page.cursor().map(RecordCalls::position);
            return records.list(dataset, RecordQuery.after(after, page.limit())).json();
        });
    }

    private static Position position(String cursor) {
        return Position.parse(cursor)
                .orElseThrow(() -> HostError.of(
                        "The cursor " + cursor + " is not one of this platform's", Optional.of("invalid_cursor")));
    }

    void setStrategy(String model, FunctionHost.MergingStrategy strategy) throws InterruptedException {
        carryOut(model, dataset -> {
            switch (strategy) {
                case OVERRIDE -> {}
                case IGNORE_IF_MODIFIED_AFTER -> guards.computeIfAbsent(model, _ -> records.guard(dataset));
            }
        });
    }

    void trackStart(String model) throws InterruptedException {
        carryOut(model, dataset -> {
            pin.hold();
            records.trackStart(dataset, work.checkpointKey(), generation);
        });
    }

    List<String> trackEnd(String model) throws InterruptedException {
        return answer(model, dataset -> {
            pin.check();
            return deleted(model, () -> records.trackEnd(dataset, work.checkpointKey(), guard(model)));
        });
    }

    List<String> deletePrevious(String model) throws InterruptedException {
        return answer(model, dataset -> {
            pin.hold();
            pin.check();
            return deleted(model, () -> records.deletePrevious(dataset, generation, guard(model)));
        });
    }

    /** Throws unless the sync declares this model. */
    public static void checkDeclared(Work work, String model) {
        if (!work.function().models().contains(model)) {
            throw HostError.of(
                    "The model '" + model + "' is not included in the declared sync models: "
                            + String.join(", ", work.function().models()) + ".",
                    Optional.empty());
        }
    }

    /** Waits until all saves are durable. */
    void settle() throws InterruptedException {
        saves.settle();
    }

    /** Waits until no write is running, whether it succeeds or not. */
    void finish() {
        saves.finish();
    }

    /** A call that may be refused or interrupted. */
    private interface Call<T> {
        T make(Dataset dataset) throws InterruptedException;
    }

    /** A call without a result. */
    private interface Step {
        void take(Dataset dataset) throws InterruptedException;
    }

    private <T> T answer(String model, Call<T> call) throws InterruptedException {
        checkDeclared(work, model);
        try {
            return call.make(new Dataset(work.connection().id(), work.fullModel(model)));
        } catch (RecordsRefused e) {
            throw HostError.of(String.valueOf(e.getMessage()), Optional.empty());
        }
    }

    private void carryOut(String model, Step step) throws InterruptedException {
        answer(model, dataset -> {
            step.take(dataset);
            return dataset;
        });
    }

    private Writer writer(String model) {
        var writer = Writer.of(generation).ignoring(rules(model).insensitive());
        writer = keepsSeen ? writer.keepingSeen() : writer;
        var guard = guards.get(model);
        return guard == null ? writer : writer.guardedBy(guard);
    }

    private ModelRules rules(String model) {
        return rules.computeIfAbsent(model, name -> {
            try {
                return ModelRules.of(work.function().schemaOf(name));
            } catch (IllegalArgumentException e) {
                throw new RecordsRefused("The schema of model '" + name + "' cannot be used: " + e.getMessage());
            }
        });
    }

    /** The delete guard of a model; none if the trigger confirmed deletions. */
    private DeleteGuard guard(String model) {
        if (work.sync().filter(Work.Sync::confirmDeletes).isPresent()) {
            return DeleteGuard.OFF;
        }
        var settings = platform.settings().get(work.connection().environmentId());
        return rules(model)
                .guard()
                .orElseGet(() -> new DeleteGuard(settings.deleteGuardShare(), settings.deleteGuardCount()));
    }

    /** JSON text contains no line breaks, so each line is a record. */
    public static List<byte[]> lines(byte[] body) {
        var lines = new ArrayList<byte[]>();
        int from = 0;
        for (int i = 0; i <= body.length; i++) {
            if (i == body.length || body[i] == '\n') {
                if (i > from) {
                    lines.add(Arrays.copyOfRange(body, from, i));
                }
                from = i + 1;
            }
        }
        return lines;
    }

    private void wrote(String model, Saved saved) {
        for (var id : saved.duplicateIds()) {
            log.add("error", "Found duplicate key '" + id + "' for model " + model + ". The record was ignored.", null);
        }
        count(model, saved.added(), saved.updated(), saved.deleted());
    }

    private synchronized void count(String model, int added, int updated, int deleted) {
        var sum = counts.computeIfAbsent(model, _ -> new int[3]);
        sum[0] += added;
        sum[1] += updated;
        sum[2] += deleted;
    }

    private List<String> deleted(String model, Supplier<List<String>> deletion) {
        List<String> ids;
        try {
            ids = deletion.get();
        } catch (RecordsRefused.Deletes e) {
            refusedDeletes = e.getMessage();
            throw e;
        }
        count(model, 0, 0, ids.size());
        return ids;
    }

    /**
     * Closes the windows that earlier runs have left open without deleting anything, because the sync starts from the
     * beginning.
     */
    void trackAbandon() {
        records.trackAbandon(work.connection().id(), work.checkpointKey());
    }

    /** Empties the cache of the run's models, for a trigger with {@code emptyCache}. */
    void emptyCache() {
        for (var model : work.function().models()) {
            log.add("info", "Emptying the cache of model " + model, null);
            var removed = records.empty(new Dataset(work.connection().id(), work.fullModel(model)));
            log.add("info", "Emptied the cache of model " + model + ": " + removed + " records", null);
        }
    }

    /** The effect of the deprecated option {@code trackDeletes} after a successful run. */
    void deletePrevious() {
        pin.hold();
        if (pin.stale()) {
            log.add("warn", MetadataPin.STALE, null);
            return;
        }
        for (var model : work.function().models()) {
            var dataset = new Dataset(work.connection().id(), work.fullModel(model));
            try {
                deleted(model, () -> records.deletePrevious(dataset, generation, guard(model)));
            } catch (RecordsRefused.Deletes _) {
                // Reported by refusal(); other models are still processed.
            }
        }
    }

    /** The failure of a run whose function succeeded but whose deletions were refused. */
    Optional<Outcome.Failed> refusal() {
        return Optional.ofNullable(refusedDeletes)
                .map(message -> new Outcome.Failed(
                        "delete_guard",
                        Json.text(Json.object().put("message", message)),
                        OptionalInt.empty(),
                        Optional.empty()));
    }

    /** {@code {Model: {added, updated, deleted}}}. */
    synchronized ObjectNode result() {
        var result = Json.object();
        counts.forEach((model, sum) -> result.putObject(model)
                .put("added", sum[0])
                .put("updated", sum[1])
                .put("deleted", sum[2]));
        return result;
    }
}
