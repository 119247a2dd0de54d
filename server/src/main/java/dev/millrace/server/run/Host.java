package dev.millrace.server.run;

import dev.millrace.server.activity.Activity;
import dev.millrace.server.activity.Secrets;
import dev.millrace.server.function.runtime.HostCalls;
import dev.millrace.server.function.runtime.HostError;
import dev.millrace.server.function.runtime.Reply;
import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Answers what one running function asks of the platform. Called on many threads at once. */
final class Host implements HostCalls {
    /** Which run the calling thread works for. */
    static final ScopedValue<Long> RUN = ScopedValue.newInstance();

    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final long run;
    private final Work work;
    private final Activity.Log log;
    private final ConnectionCalls connections;
    private final HttpCalls http;
    private final RecordCalls records;
    private final CheckpointCalls checkpoints;
    private final Locks locks;
    private final FunctionCalls functions;
    private final Runnable progressed;
    private volatile boolean locked;

    /** @param progressed is told after a checkpoint was saved */
    Host(
            long run,
            Work work,
            Activity.Log log,
            ConnectionCalls connections,
            HttpCalls http,
            RecordCalls records,
            CheckpointCalls checkpoints,
            Locks locks,
            FunctionCalls functions,
            Runnable progressed) {
        this.run = run;
        this.work = work;
        this.log = log;
        this.connections = connections;
        this.http = http;
        this.records = records;
        this.checkpoints = checkpoints;
        this.locks = locks;
        this.functions = functions;
        this.progressed = progressed;
    }

    @Override
    public Reply call(String method, JsonNode head, byte[] body) throws InterruptedException {
        try {
            if (!leavesNoTrace(method, head)) {
                records.settle();
            }
            return ScopedValue.where(RUN, run)
                    .call(() -> method.startsWith("records.")
                            ? records.call(method, head, body)
                            : dispatch(method, head, body));
        } catch (Failure failure) {
            throw HostError.response(failure.status(), Errors.body(failure));
        }
    }

    /** Whether nobody can learn from the call that records have been saved, or it is a save, which waits by itself. */
    private static boolean leavesNoTrace(String method, JsonNode head) {
        return switch (method) {
            case "http", "fetch" ->
                READING.contains(head.path("method").asString("GET").toUpperCase(Locale.ROOT));
            case "records.save", "connection", "token", "integration", "environmentVariables" -> true;
            default -> false;
        };
    }

    private Reply dispatch(String method, JsonNode head, byte[] body) throws InterruptedException {
        return switch (method) {
            case "http" -> http.call(head, body);
            case "fetch" -> http.fetch(head, body);
            case "connection" ->
                concealing(connections.connection(head), reply -> Secrets.in(reply.path("credentials")));
            case "token" -> concealing(connections.token(), Secrets::in);
            case "metadata.set" -> connections.setMetadata(body);
            case "metadata.update" -> connections.updateMetadata(body);
            case "integration" ->
                concealing(connections.integration(head), reply -> Secrets.in(reply.path("credentials")));
            case "environmentVariables" -> concealing(connections.variables(), Secrets::ofVariables);
            case "checkpoint.get" -> checkpoints.get();
            case "checkpoint.save" -> saveCheckpoint(body);
            case "checkpoint.clear" -> checkpoints.clear();
            case "lock.acquire" -> acquire(head);
            case "lock.release" ->
                ok(locks.release(environment(), head.path("key").asString(""), owner()));
            case "lock.releaseAll" -> {
                locks.releaseAll(owner());
                yield Reply.done();
            }
            case "triggerAction" -> triggerAction(head, body);
            case "triggerSync" -> triggerSync(head);
            case "startSync" -> startSync(head);
            default -> throw HostError.of("Unknown call " + method, Optional.empty());
        };
    }

    /** What the function knows from now on must not get into its log. */
    private Reply concealing(Reply reply, Function<JsonNode, Set<String>> secrets) {
        log.conceal(() -> secrets.apply(Json.parse(reply.body())));
        return reply;
    }

    private Reply saveCheckpoint(byte[] body) {
        var reply = checkpoints.save(body);
        progressed.run();
        return reply;
    }

    private Reply acquire(JsonNode head) {
        var ttl = Duration.ofMillis(head.path("ttlMs").asLong(0));
        locked = true;
        return ok(locks.acquire(environment(), head.path("key").asString(""), owner(), ttl));
    }

    /** Gives back what the run still holds when it has ended. */
    void releaseLocks() {
        if (locked) {
            locks.releaseAll(owner());
        }
    }

    private static Reply ok(boolean ok) {
        return Reply.head(Json.object().put("ok", ok));
    }

    private long environment() {
        return work.connection().environmentId();
    }

    private String owner() {
        return log.operation().toString();
    }

    private Reply triggerAction(JsonNode head, byte[] body) throws InterruptedException {
        var input = body.length == 0 ? Optional.<String>empty() : Optional.of(new String(body, StandardCharsets.UTF_8));
        var output = functions.triggerAction(new ActionCall(
                environment(),
                head.path("providerConfigKey").asString(""),
                head.path("connectionId").asString(""),
                head.path("action").asString(""),
                input));
        return new Reply(Json.object().put("status", 200), output);
    }

    private Reply triggerSync(JsonNode head) {
        functions.triggerSync(
                environment(),
                head.path("providerConfigKey").asString(""),
                ConnectionCalls.text(head, "connectionId"),
                head.path("sync"),
                head.path("opts"));
        return Reply.json(Json.object().put("success", true));
    }

    private Reply startSync(JsonNode head) {
        functions.startSyncs(
                environment(),
                head.path("providerConfigKey").asString(""),
                ConnectionCalls.text(head, "connectionId"),
                head.path("syncs"));
        return Reply.json(Json.object().put("success", true));
    }

    @Override
    public void log(String level, String message, byte[] meta) {
        log.add(level, message, meta.length == 0 ? null : new String(meta, StandardCharsets.UTF_8));
    }
}
