package dev.millrace.server.run;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.function.js.FunctionHost;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Answers the calls of one running function. Called by many threads at once. */
final class Host implements FunctionHost {
    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final HostScope scope;
    private final Work work;
    private final Logs.Log log;
    private final ConnectionCalls connections;
    private final HttpCalls http;
    private final RecordCalls records;
    private final CheckpointCalls checkpoints;
    private final Locks locks;
    private final FunctionCalls functions;
    private final Runnable progressed;
    private final Needs needs;
    private volatile boolean locked;

    /** @param progressed called after a checkpoint was saved */
    Host(
            HostScope scope,
            Work work,
            Logs.Log log,
            ConnectionCalls connections,
            HttpCalls http,
            RecordCalls records,
            CheckpointCalls checkpoints,
            Locks locks,
            FunctionCalls functions,
            Runnable progressed) {
        this.scope = scope;
        this.work = work;
        this.log = log;
        this.connections = connections;
        this.http = http;
        this.records = records;
        this.checkpoints = checkpoints;
        this.locks = locks;
        this.functions = functions;
        this.progressed = progressed;
        this.needs = new Needs(work.capabilities());
    }

    /** Whether a call could reveal that records have been saved. */
    private enum Effect {
        /** These calls reveal nothing, or they save records and wait by themselves. */
        HIDDEN,
        VISIBLE
    }

    private interface Step {
        void take() throws InterruptedException;
    }

    private void carryOut(Effect effect, Step step) throws InterruptedException {
        answer(effect, () -> {
            step.take();
            return step;
        });
    }

    private <T> T answer(Effect effect, ScopedValue.CallableOp<T, InterruptedException> call)
            throws InterruptedException {
        try {
            return scope.call(() -> {
                if (effect == Effect.VISIBLE) {
                    records.settle();
                }
                return call.call();
            });
        } catch (Failure failure) {
            throw HostError.response(failure.status(), Errors.body(failure));
        } catch (LeaseLost e) {
            throw HostError.sdk(LeaseLost.CODE, String.valueOf(e.getMessage()), Json.object());
        }
    }

    /** These texts are used in queries or stored in the database. */
    private static void checkStorable(String field, String text) {
        Storable.fault(text).ifPresent(why -> {
            throw HostError.of("The field " + field + " " + why, Optional.empty());
        });
    }

    private static void check(ConnectionRef named) {
        named.providerConfigKey().ifPresent(key -> checkStorable("providerConfigKey", key));
        named.connectionId().ifPresent(id -> checkStorable("connectionId", id));
    }

    private static void check(SyncRef sync) {
        checkStorable("sync", sync.name());
        sync.variant().ifPresent(variant -> checkStorable("variant", variant));
    }

    private static Effect ofRequest(String method) {
        return READING.contains(method.toUpperCase(Locale.ROOT)) ? Effect.HIDDEN : Effect.VISIBLE;
    }

    @Override
    public HttpAnswer http(HttpCall call) throws InterruptedException {
        needs.outbound();
        check(call.connection());
        return answer(ofRequest(call.method()), () -> http.send(call));
    }

    @Override
    public FetchAnswer fetch(FetchCall call) throws InterruptedException {
        needs.outbound();
        return answer(ofRequest(call.method()), () -> http.fetch(call));
    }

    @Override
    public byte[] connection(ConnectionCall call) throws InterruptedException {
        needs.connection();
        check(call.connection());
        return concealing(() -> connections.connection(call), shown -> Secrets.in(shown.path("credentials")));
    }

    @Override
    public byte[] token() throws InterruptedException {
        needs.connection();
        return concealing(connections::token, Secrets::in);
    }

    @Override
    public byte[] integration(List<String> include) throws InterruptedException {
        needs.connection();
        return concealing(() -> connections.integration(include), shown -> Secrets.in(shown.path("credentials")));
    }

    @Override
    public byte[] environmentVariables() throws InterruptedException {
        return concealing(connections::variables, Secrets::ofVariables);
    }

    private interface Reading {
        byte[] get() throws InterruptedException;
    }

    /** The function knows these secrets from now on, so its log must mask them. */
    private byte[] concealing(Reading read, Function<JsonNode, Set<String>> secrets) throws InterruptedException {
        return answer(Effect.HIDDEN, () -> {
            var json = read.get();
            log.conceal(() -> secrets.apply(Json.parse(json)));
            return json;
        });
    }

    @Override
    public ApiAnswer setMetadata(byte[] metadata) throws InterruptedException {
        needs.metadata();
        return answer(Effect.VISIBLE, () -> connections.setMetadata(metadata));
    }

    @Override
    public ApiAnswer updateMetadata(byte[] metadata) throws InterruptedException {
        needs.metadata();
        return answer(Effect.VISIBLE, () -> connections.updateMetadata(metadata));
    }

    @Override
    public ApiAnswer triggerAction(ActionTrigger trigger) throws InterruptedException {
        needs.olderFormat("other functions");
        checkStorable("providerConfigKey", trigger.providerConfigKey());
        checkStorable("connectionId", trigger.connectionId());
        checkStorable("action", trigger.action());
        var input = Optional.of(trigger.input())
                .filter(json -> json.length > 0)
                .map(json -> new String(json, StandardCharsets.UTF_8));
        var call = new ActionCall(
                environment(), trigger.providerConfigKey(), trigger.connectionId(), trigger.action(), input);
        return answer(Effect.VISIBLE, () -> new ApiAnswer(200, functions.triggerAction(call)));
    }

    @Override
    public void triggerSync(SyncTrigger trigger) throws InterruptedException {
        needs.olderFormat("other functions");
        checkStorable("providerConfigKey", trigger.providerConfigKey());
        trigger.connectionId().ifPresent(id -> checkStorable("connectionId", id));
        check(trigger.sync());
        carryOut(Effect.VISIBLE, () -> functions.triggerSync(environment(), trigger));
    }

    @Override
    public void startSync(SyncStart start) throws InterruptedException {
        needs.olderFormat("other functions");
        checkStorable("providerConfigKey", start.providerConfigKey());
        start.connectionId().ifPresent(id -> checkStorable("connectionId", id));
        start.syncs().forEach(Host::check);
        carryOut(Effect.VISIBLE, () -> functions.startSyncs(environment(), start));
    }

    @Override
    public void saveRecords(RecordsCall call) throws InterruptedException {
        needs.records();
        carryOut(Effect.HIDDEN, () -> records.save(call));
    }

    @Override
    public void updateRecords(RecordsCall call) throws InterruptedException {
        needs.records();
        carryOut(Effect.VISIBLE, () -> records.update(call));
    }

    @Override
    public void deleteRecords(RecordsCall call) throws InterruptedException {
        needs.records();
        carryOut(Effect.VISIBLE, () -> records.delete(call));
    }

    @Override
    public byte[] getRecords(String model, List<String> ids) throws InterruptedException {
        needs.records();
        return answer(Effect.VISIBLE, () -> records.get(model, ids));
    }

    @Override
    public byte[] listRecords(RecordsPage page) throws InterruptedException {
        needs.records();
        return answer(Effect.VISIBLE, () -> records.list(page));
    }

    @Override
    public void setMergingStrategy(String model, MergingStrategy strategy) throws InterruptedException {
        needs.records();
        carryOut(Effect.VISIBLE, () -> records.setStrategy(model, strategy));
    }

    @Override
    public void trackDeletesStart(String model) throws InterruptedException {
        needs.records();
        carryOut(Effect.VISIBLE, () -> records.trackStart(model));
    }

    @Override
    public List<String> trackDeletesEnd(String model) throws InterruptedException {
        needs.records();
        return answer(Effect.VISIBLE, () -> records.trackEnd(model));
    }

    @Override
    public List<String> deleteRecordsFromPreviousExecutions(String model) throws InterruptedException {
        needs.records();
        return answer(Effect.VISIBLE, () -> records.deletePrevious(model));
    }

    @Override
    public byte[] getCheckpoint() throws InterruptedException {
        needs.checkpoints();
        return answer(Effect.VISIBLE, checkpoints::get);
    }

    @Override
    public void saveCheckpoint(byte[] checkpoint) throws InterruptedException {
        needs.checkpoints();
        carryOut(Effect.VISIBLE, () -> {
            checkpoints.save(checkpoint);
            progressed.run();
        });
    }

    @Override
    public void clearCheckpoint() throws InterruptedException {
        needs.checkpoints();
        carryOut(Effect.VISIBLE, checkpoints::clear);
    }

    @Override
    public boolean acquireLock(String key, Duration ttl) throws InterruptedException {
        needs.olderFormat("locks");
        checkStorable("key", key);
        return answer(Effect.VISIBLE, () -> {
            locked = true;
            return locks.acquire(environment(), key, owner(), ttl);
        });
    }

    @Override
    public boolean releaseLock(String key) throws InterruptedException {
        checkStorable("key", key);
        return answer(Effect.VISIBLE, () -> locks.release(environment(), key, owner()));
    }

    @Override
    public void releaseAllLocks() throws InterruptedException {
        carryOut(Effect.VISIBLE, () -> locks.releaseAll(owner()));
    }

    /** Releases everything that the run still holds at its end. */
    void releaseLocks() {
        if (locked) {
            locks.releaseAll(owner());
        }
    }

    private long environment() {
        return work.connection().environmentId();
    }

    private String owner() {
        return log.operation().toString();
    }

    @Override
    public void log(String level, String message, byte[] meta) {
        log.add(level, message, meta.length == 0 ? null : new String(meta, StandardCharsets.UTF_8));
    }
}
