package dev.millrace.server.delivery;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.WebhookSettings;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entry point for whoever has something to tell applications: writes it down in the transaction of what happened, as far as
 * the settings of the environment want it told. {@link Deliveries} sends it. Thread-safe.
 */
public final class WebhookOutbox {
    /** What is encrypted here. */
    public static final List<SealedColumn> SEALED = EventStore.SEALED;

    private final EventStore events;
    private final EnvironmentSettings settings;
    private final Clock clock;
    private volatile Runnable committed = () -> {};

    public WebhookOutbox(Encryption encryption, EnvironmentSettings settings, Clock clock) {
        this.events = new EventStore(encryption);
        this.settings = settings;
        this.clock = clock;
    }

    /** Sets who is called after a transaction with an event was committed. */
    void onCommit(Runnable called) {
        committed = called;
    }

    /**
     * A run of a sync.
     *
     * @param models by their base names, variants too
     * @param type {@code INITIAL} or {@code INCREMENTAL}
     * @param checkpoints the first and the last one of the run, if it touched any
     */
    public record SyncRun(
            Subject subject,
            String name,
            String variant,
            List<String> models,
            String type,
            Optional<ObjectNode> checkpoints,
            Instant startedAt) {
        public SyncRun {
            models = List.copyOf(models);
        }

        private ObjectNode body(String model, boolean success) {
            var body = subject.body("sync")
                    .put("syncName", name)
                    .put("syncVariant", variant)
                    .put("model", model)
                    .put("syncType", type)
                    .put("success", success);
            checkpoints.ifPresent(range -> body.set("checkpoints", range));
            return body;
        }

        private Event event(ObjectNode body) {
            return new Event(subject, "sync", Optional.of("sync " + name + "::" + variant), body);
        }
    }

    /** @param results {@code added}, {@code updated} and {@code deleted} by model; a model without any was not changed */
    public void syncSucceeded(Handle handle, SyncRun run, ObjectNode results) {
        var chosen = settings(handle, run.subject());
        for (var model : run.models()) {
            var counts = counts(results.path(model));
            boolean changed = counts.properties().stream()
                    .anyMatch(count -> count.getValue().asLong(0) > 0);
            if (changed || chosen.onSyncCompletionAlways()) {
                var started = Times.utc(run.startedAt());
                var body = run.body(model, true).put("modifiedAfter", started).put("queryTimeStamp", started);
                body.set("responseResults", counts);
                add(handle, run.event(body));
            }
        }
    }

    private static ObjectNode counts(JsonNode of) {
        var counts = Json.object();
        for (var name : List.of("added", "updated", "deleted")) {
            counts.put(name, of.path(name).asLong(0));
        }
        return counts;
    }

    /** @param error {@code type} and {@code description}, and what else is known */
    public void syncFailed(Handle handle, SyncRun run, ObjectNode error, Instant failedAt) {
        if (wanted(handle, run.subject(), WebhookSettings::onSyncError)) {
            var body = run.body(String.join(",", run.models()), false)
                    .put("startedAt", Times.utc(run.startedAt()))
                    .put("failedAt", Times.utc(failedAt));
            body.set("error", error);
            add(handle, run.event(body));
        }
    }

    /** An asynchronous action has its result, whatever that is. */
    public void actionEnded(Handle handle, Subject subject, UUID id) {
        if (wanted(handle, subject, WebhookSettings::onAsyncActionCompletion)) {
            var body = subject.body("async_action");
            body.putObject("payload").put("id", id.toString()).put("statusUrl", "/action/" + id);
            add(handle, new Event(subject, "async_action", Optional.empty(), body));
        }
    }

    /**
     * A provider has called, and the call is matched to a connection.
     *
     * @param headers of that call
     */
    public void forward(
            Handle handle, Subject subject, String provider, JsonNode payload, Map<String, String> headers) {
        var body = subject.body("forward").put("from", provider);
        body.set("payload", payload);
        add(handle, forwarded(subject, body, headers));
    }

    /** The same when it is matched to no connection: the payload goes on without anything around it. */
    public void forward(Handle handle, Subject subject, JsonNode payload, Map<String, String> headers) {
        add(handle, forwarded(subject, payload, headers));
    }

    private static Event forwarded(Subject subject, JsonNode body, Map<String, String> headers) {
        return new Event(subject, "forward", Optional.empty(), false, body, Optional.of(ForwardedHeaders.of(headers)));
    }

    /**
     * The metadata of a connection has changed.
     *
     * @param patch JSON Patch (RFC 6902) from the version before
     */
    public void metadataChanged(Handle handle, Subject subject, long version, String actor, JsonNode patch) {
        if (wanted(handle, subject, WebhookSettings::onMetadataChange)) {
            var body = subject.body("metadata")
                    .put("version", version)
                    .put("changedBy", actor)
                    .put("changedAt", Times.utc(clock.instant()));
            body.set("patch", patch);
            add(handle, new Event(subject, "metadata", Optional.of("metadata"), body));
        }
    }

    /**
     * Something about the credentials of a connection.
     *
     * @param wish the setting that asks for it; null: always
     * @param last whether the connection is deleted
     */
    void auth(
            Handle handle, Subject subject, @Nullable Predicate<WebhookSettings> wish, boolean last, ObjectNode body) {
        if (wish == null || wanted(handle, subject, wish)) {
            add(handle, new Event(subject, "auth", Optional.of("auth"), last, body, Optional.empty()));
        }
    }

    private boolean wanted(Handle handle, Subject subject, Predicate<WebhookSettings> wish) {
        return wish.test(settings(handle, subject));
    }

    private WebhookSettings settings(Handle handle, Subject subject) {
        return settings.get(handle, subject.environment()).webhooks();
    }

    private void add(Handle handle, Event event) {
        if (events.add(handle, event, clock.instant())) {
            handle.afterCommit(committed);
        }
    }
}
