package dev.millrace.server.run;

import dev.millrace.server.delivery.Subject;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Json;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What applications are told of ended runs of syncs, unless another run continues. */
final class Completions {
    private static final String CANCELLED = "script_aborted";

    private final WebhookOutbox outbox;
    private final RunHistory history;

    Completions(WebhookOutbox outbox, RunHistory history) {
        this.outbox = outbox;
        this.history = history;
    }

    /**
     * A run that has ended.
     *
     * @param outcome null: it was cancelled
     * @param stopping whether the server stops
     * @param blank takes secrets out of JSON text
     */
    record Ended(
            Work work,
            Instant startedAt,
            @Nullable Outcome outcome,
            boolean stopping,
            ObjectNode results,
            Optional<ObjectNode> checkpoints,
            UnaryOperator<String> blank,
            Instant endedAt) {}

    /** What is to be done in the transaction that records the end; empty when nobody is told. */
    Optional<Consumer<Handle>> of(Ended ended) {
        var work = ended.work();
        if (work.sync().isEmpty() || work.webhook().filter(Work.Webhook::muted).isPresent()) {
            return Optional.empty();
        }
        return switch (ended.outcome()) {
            case Outcome.Succeeded _ ->
                Optional.of(handle -> outbox.syncSucceeded(handle, run(ended), ended.results()));
            case Outcome.Failed failed when failed.type().equals(RunEndings.INTERRUPTED) -> Optional.empty();
            case Outcome.Failed failed ->
                Optional.of(handle -> {
                    if (!isResumed(handle, ended.work(), failed)) {
                        outbox.syncFailed(handle, run(ended), error(ended, failed), ended.endedAt());
                    }
                });
            case null ->
                ended.stopping()
                        ? Optional.empty()
                        : Optional.of(handle -> outbox.syncFailed(handle, run(ended), cancelled(), ended.endedAt()));
        };
    }

    /** Whether another run of the sync goes on, the loss of this one recorded. */
    private boolean isResumed(Handle handle, Work work, Outcome.Failed failed) {
        if (work.webhook().isPresent()) {
            return Runs.isRepeated(failed) && !work.webhook().get().last();
        }
        Optional<UUID> sync = work.sync().map(Work.Sync::id);
        return RunEndings.RESUMED.contains(failed.type())
                && sync.isPresent()
                && history.lostInARow(handle, sync.get(), RunHistory.MOST_LOST_IN_A_ROW)
                        < RunHistory.MOST_LOST_IN_A_ROW;
    }

    private static WebhookOutbox.SyncRun run(Ended ended) {
        var work = ended.work();
        return new WebhookOutbox.SyncRun(
                Subject.of(work.connection()),
                work.function().name(),
                work.variant(),
                work.function().models(),
                type(work),
                ended.checkpoints(),
                ended.startedAt());
    }

    private static String type(Work work) {
        if (work.webhook().isPresent()) {
            return "WEBHOOK";
        }
        boolean first = work.sync().flatMap(Work.Sync::lastSyncDate).isEmpty();
        return first ? "INITIAL" : "INCREMENTAL";
    }

    private static ObjectNode error(Ended ended, Outcome.Failed failed) {
        var error = error(description(failed.type()));
        if (ended.work().webhook().isPresent()) {
            return error;
        }
        error.set("payload", Json.parse(ended.blank().apply(failed.payload())));
        failed.upstream()
                .map(text -> Json.parse(ended.blank().apply(text)))
                .ifPresent(upstream -> error.putObject("additional_properties").set("upstream_response", upstream));
        return error;
    }

    private static ObjectNode error(String description) {
        return Json.object().put("type", "script_error").put("description", description);
    }

    private static String description(String type) {
        var known = Failures.message(type);
        return known.isEmpty() ? "The script failed: " + type : known;
    }

    private static ObjectNode cancelled() {
        return Json.object().put("type", CANCELLED).put("description", "The script was cancelled");
    }
}
