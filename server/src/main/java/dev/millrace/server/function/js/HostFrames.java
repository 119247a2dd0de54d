package dev.millrace.server.function.js;

import dev.millrace.server.function.js.FunctionHost.ActionTrigger;
import dev.millrace.server.function.js.FunctionHost.ApiAnswer;
import dev.millrace.server.function.js.FunctionHost.BodyKind;
import dev.millrace.server.function.js.FunctionHost.ConnectionCall;
import dev.millrace.server.function.js.FunctionHost.ConnectionRef;
import dev.millrace.server.function.js.FunctionHost.FetchCall;
import dev.millrace.server.function.js.FunctionHost.HttpAnswer;
import dev.millrace.server.function.js.FunctionHost.HttpCall;
import dev.millrace.server.function.js.FunctionHost.MergingStrategy;
import dev.millrace.server.function.js.FunctionHost.RecordsCall;
import dev.millrace.server.function.js.FunctionHost.RecordsPage;
import dev.millrace.server.function.js.FunctionHost.SyncStart;
import dev.millrace.server.function.js.FunctionHost.SyncTrigger;
import dev.millrace.server.http.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Executes calls that arrive as frames (runtime/PROTOCOL.md, "Calls") and encodes their results as frames. Thread-safe.
 */
final class HostFrames {
    /** These calls store progress, so they are not interrupted when the run is cancelled. */
    private static final Set<String> FINISHED_ANYWAY =
            Set.of("checkpoint.save", "checkpoint.clear", "lock.release", "lock.releaseAll");

    private final FunctionHost host;

    HostFrames(FunctionHost host) {
        this.host = host;
    }

    static boolean isFinishedAnyway(String method) {
        return FINISHED_ANYWAY.contains(method);
    }

    /** Throws a {@link HostError} when the call is invalid or has failed. */
    Reply answer(String method, ObjectNode fields, byte[] body) throws InterruptedException {
        var head = new CallHead(method, fields);
        return switch (method) {
            case "http" -> streamed(host.http(httpCall(head, body)));
            case "fetch" -> fetch(head, body);
            case "connection" -> Reply.json(host.connection(connectionCall(head)));
            case "token" -> Reply.json(host.token());
            case "metadata.set" -> reply(host.setMetadata(body));
            case "metadata.update" -> reply(host.updateMetadata(body));
            case "integration" -> Reply.json(host.integration(head.texts("include")));
            case "environmentVariables" -> Reply.json(host.environmentVariables());
            case "triggerAction" -> reply(host.triggerAction(actionTrigger(head, body)));
            case "triggerSync" -> {
                host.triggerSync(syncTrigger(head));
                yield success();
            }
            case "startSync" -> {
                host.startSync(syncStart(head));
                yield success();
            }
            case "checkpoint.get" -> Reply.json(host.getCheckpoint());
            case "checkpoint.save" -> {
                host.saveCheckpoint(body);
                yield Reply.done();
            }
            case "checkpoint.clear" -> {
                host.clearCheckpoint();
                yield Reply.done();
            }
            case "lock.acquire" -> ok(host.acquireLock(head.text("key"), Duration.ofMillis(head.whole("ttlMs"))));
            case "lock.release" -> ok(host.releaseLock(head.text("key")));
            case "lock.releaseAll" -> {
                host.releaseAllLocks();
                yield Reply.done();
            }
            default -> records(method, head, body);
        };
    }

    private Reply records(String method, CallHead head, byte[] body) throws InterruptedException {
        switch (method) {
            case "records.save" -> host.saveRecords(new RecordsCall(head.text("model"), body));
            case "records.update" -> host.updateRecords(new RecordsCall(head.text("model"), body));
            case "records.delete" -> host.deleteRecords(new RecordsCall(head.text("model"), body));
            case "records.strategy" ->
                host.setMergingStrategy(head.text("model"), head.constant("strategy", MergingStrategy.class));
            case "records.trackStart" -> host.trackDeletesStart(head.text("model"));
            case "records.get" -> {
                return Reply.json(host.getRecords(head.text("model"), head.texts("ids")));
            }
            case "records.list" -> {
                return Reply.json(host.listRecords(recordsPage(head)));
            }
            case "records.trackEnd" -> {
                return deleted(host.trackDeletesEnd(head.text("model")));
            }
            case "records.deletePrevious" -> {
                return deleted(host.deleteRecordsFromPreviousExecutions(head.text("model")));
            }
            default -> throw HostError.of("Unknown call " + method, Optional.empty());
        }
        return Reply.done();
    }

    private static HttpCall httpCall(CallHead head, byte[] body) {
        return new HttpCall(
                connection(head),
                head.text("method"),
                head.text("endpoint"),
                head.optionalTextOrObject("params"),
                head.textsByName("headers"),
                head.constant("bodyKind", BodyKind.class),
                body,
                head.integer("retries", 0),
                head.integers("retryOn"),
                head.optionalObject("retryHeader"),
                head.optionalText("baseUrlOverride"),
                head.flag("decompress"),
                head.optionalFlag("forwardHeadersOnRedirect"),
                head.flag("followsLink"));
    }

    private static ConnectionRef connection(CallHead head) {
        return new ConnectionRef(head.optionalText("providerConfigKey"), head.optionalText("connectionId"));
    }

    private static ConnectionCall connectionCall(CallHead head) {
        return new ConnectionCall(connection(head), head.flag("forceRefresh"), head.flag("refreshToken"));
    }

    private static ActionTrigger actionTrigger(CallHead head, byte[] input) {
        return new ActionTrigger(head.text("providerConfigKey"), head.text("connectionId"), head.text("action"), input);
    }

    private static SyncTrigger syncTrigger(CallHead head) {
        return new SyncTrigger(
                head.text("providerConfigKey"),
                head.optionalText("connectionId"),
                head.sync("sync"),
                head.syncOptions("opts"));
    }

    private static SyncStart syncStart(CallHead head) {
        return new SyncStart(head.text("providerConfigKey"), head.optionalText("connectionId"), head.syncs("syncs"));
    }

    private static RecordsPage recordsPage(CallHead head) {
        return new RecordsPage(head.text("model"), head.optionalText("cursor"), head.integer("limit"));
    }

    private Reply fetch(CallHead head, byte[] body) throws InterruptedException {
        var call = new FetchCall(head.text("url"), head.text("method"), head.textsByName("headers"), body);
        var fetched = host.fetch(call);
        var answer = fetched.answer();
        return Reply.streamed(head(answer).put("redirected", fetched.redirected()), answer.body());
    }

    private static Reply streamed(HttpAnswer answer) {
        return Reply.streamed(head(answer), answer.body());
    }

    private static ObjectNode head(HttpAnswer answer) {
        var head = Json.object()
                .put("status", answer.status())
                .put("statusText", answer.statusText())
                .put("url", answer.url());
        var headers = head.putObject("headers");
        answer.headers().forEach((name, values) -> {
            if (name.equals("set-cookie")) {
                values.forEach(headers.putArray(name)::add);
            } else {
                headers.put(name, String.join(", ", values));
            }
        });
        return head;
    }

    private static Reply reply(ApiAnswer answer) {
        return new Reply(Json.object().put("status", answer.status()), answer.json());
    }

    private static Reply success() {
        return Reply.json(Json.bytes(Json.object().put("success", true)));
    }

    private static Reply ok(boolean ok) {
        return Reply.head(Json.object().put("ok", ok));
    }

    private static Reply deleted(List<String> keys) {
        var head = Json.object();
        keys.forEach(head.putArray("deletedKeys")::add);
        return Reply.head(head);
    }
}
