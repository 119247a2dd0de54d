package dev.millrace.server.run;

import dev.millrace.server.function.runtime.HostCalls;
import dev.millrace.server.function.runtime.Reply;
import dev.millrace.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stands between a dry run and the platform (functions §16): records are only shown, the checkpoint lives as long as the
 * run, locks always succeed, syncs are not touched. Everything else is real: calls of the provider, writes of metadata,
 * actions. Called on several threads at once.
 */
final class DryHost implements HostCalls {
    private final HostCalls platform;
    private final Work work;
    private final DryOutput output;
    private final Optional<ObjectNode> metadata;
    private @Nullable String checkpoint;

    /**
     * @param metadata what a sync is to find on its connection instead of what is there
     * @param checkpoint JSON text
     */
    DryHost(
            HostCalls platform,
            Work work,
            DryOutput output,
            Optional<ObjectNode> metadata,
            Optional<String> checkpoint) {
        this.platform = platform;
        this.work = work;
        this.output = output;
        this.metadata = metadata;
        this.checkpoint = checkpoint.orElse(null);
    }

    @Override
    public Reply call(String method, JsonNode head, byte[] body) throws InterruptedException {
        return switch (method) {
            case "records.save" -> collected("batchSave", head, body);
            case "records.update" -> collected("batchUpdate", head, body);
            case "records.delete" -> collected("batchDelete", head, body);
            case "records.strategy", "records.trackStart" -> skipped(method, head);
            case "records.trackEnd", "records.deletePrevious" -> {
                skipped(method, head);
                var nothing = Json.object();
                nothing.putArray("deletedKeys");
                yield Reply.head(nothing);
            }
            case "checkpoint.get" -> new Reply(Json.object(), checkpointText());
            case "checkpoint.save" -> {
                save(CheckpointCalls.checked(Json.parse(body)));
                yield Reply.done();
            }
            case "checkpoint.clear" -> {
                clear();
                yield Reply.done();
            }
            case "lock.acquire", "lock.release" -> Reply.head(Json.object().put("ok", true));
            case "lock.releaseAll" -> Reply.done();
            case "triggerSync", "startSync" -> {
                skipped(method, head);
                yield Reply.json(Json.object().put("success", true));
            }
            case "connection" -> connection(head, platform.call(method, head, body));
            default -> platform.call(method, head, body);
        };
    }

    private Reply collected(String verb, JsonNode head, byte[] body) {
        var model = head.path("model").asString("");
        RecordCalls.checkDeclared(work, model);
        RecordCalls.lines(body).forEach(line -> output.collect(verb, model, Json.parse(line)));
        return Reply.done();
    }

    private Reply skipped(String method, JsonNode head) {
        if (method.startsWith("records.")) {
            RecordCalls.checkDeclared(work, head.path("model").asString(""));
        }
        output.line("debug", method + " does nothing in a dry run");
        return Reply.done();
    }

    private synchronized byte[] checkpointText() {
        return String.valueOf(checkpoint).getBytes(StandardCharsets.UTF_8);
    }

    private synchronized void save(ObjectNode value) {
        checkpoint = Json.text(value);
        output.line("debug", "saveCheckpoint " + checkpoint);
    }

    private synchronized void clear() {
        checkpoint = null;
        output.line("debug", "clearCheckpoint");
    }

    /** What is left of the checkpoint. */
    synchronized Optional<String> checkpoint() {
        return Optional.ofNullable(checkpoint);
    }

    private Reply connection(JsonNode head, Reply real) {
        boolean own = isOwn(head, "connectionId", work.connection().connectionId())
                && isOwn(head, "providerConfigKey", work.connection().integration());
        if (metadata.isEmpty() || !own) {
            return real;
        }
        var shown = (ObjectNode) Json.parse(real.body());
        shown.set("metadata", metadata.get());
        return new Reply(real.head(), Json.bytes(shown));
    }

    private static boolean isOwn(JsonNode head, String name, String own) {
        return head.path(name).asString(own).equals(own);
    }

    @Override
    public void log(String level, String message, byte[] meta) {
        var details = meta.length == 0 ? "" : " " + new String(meta, StandardCharsets.UTF_8);
        output.line(level, message + details);
        platform.log(level, message, meta);
    }
}
