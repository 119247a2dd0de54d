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
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entry point for reporting events to applications. Each method stores an event in the caller's transaction, if the
 * settings of the environment enable it. {@link Deliveries} sends the event after the commit. Thread-safe.
 */
public final class WebhookOutbox {
    /** The encrypted columns of this package. */
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

    /** Sets the callback to run after the commit of each transaction that stored an event. */
    void onCommit(Runnable callback) {
        committed = callback;
    }

    /**
     * A run of a sync.
     *
     * @param models the names of the models, without the suffix of a variant
     * @param type {@code INITIAL} or {@code INCREMENTAL}
     * @param checkpoints the first and the last checkpoint of the run; empty if the run did not use checkpoints
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

    /**
     * Reports a successful run: one event for each model with changes, or for each model if the setting asks for it.
     *
     * @param results the counts {@code added}, {@code updated} and {@code deleted} by model; a missing count is 0
     */
    public void syncSucceeded(Handle handle, SyncRun run, ObjectNode results) {
        var webhooks = settings(handle, run.subject());
        for (var model : run.models()) {
            var counts = counts(results.path(model));
            boolean changed = counts.properties().stream()
                    .anyMatch(count -> count.getValue().asLong(0) > 0);
            if (changed || webhooks.onSyncCompletionAlways()) {
                var started = Times.utc(run.startedAt());
                var body = run.body(model, true).put("modifiedAfter", started).put("queryTimeStamp", started);
                body.set("responseResults", counts);
                add(handle, run.event(body));
            }
        }
    }

    private static ObjectNode counts(JsonNode results) {
        var counts = Json.object();
        for (var name : List.of("added", "updated", "deleted")) {
            counts.put(name, results.path(name).asLong(0));
        }
        return counts;
    }

    /**
     * Reports a failed run.
     *
     * @param error the error with {@code type}, {@code description} and optional further fields
     */
    public void syncFailed(Handle handle, SyncRun run, ObjectNode error, Instant failedAt) {
        if (enabled(handle, run.subject(), WebhookSettings::onSyncError)) {
            var body = run.body(String.join(",", run.models()), false)
                    .put("startedAt", Times.utc(run.startedAt()))
                    .put("failedAt", Times.utc(failedAt));
            body.set("error", error);
            add(handle, run.event(body));
        }
    }

    /** Reports that an asynchronous action has ended, with success or failure. */
    public void actionEnded(Handle handle, Subject subject, UUID id) {
        if (enabled(handle, subject, WebhookSettings::onAsyncActionCompletion)) {
            var body = subject.body("async_action");
            body.putObject("payload").put("id", id.toString()).put("statusUrl", "/action/" + id);
            add(handle, new Event(subject, "async_action", Optional.empty(), body));
        }
    }

    /**
     * A provider's webhook. If it belongs to no connection, the application receives the bare payload.
     *
     * @param headers the headers of the provider's request; some are not forwarded
     */
    public record Forwarded(Subject subject, String provider, JsonNode payload, Map<String, String> headers) {
        public Forwarded {
            headers = Map.copyOf(headers);
        }

        private Event event() {
            return new Event(
                    subject, "forward", Optional.empty(), false, body(), Optional.of(ForwardedHeaders.of(headers)));
        }

        private JsonNode body() {
            if (subject.connection().isEmpty()) {
                return payload;
            }
            var body = subject.body("forward").put("from", provider);
            body.set("payload", payload);
            return body;
        }
    }

    /** Forwards webhooks of providers, in this order. */
    public void forward(Handle handle, Stream<Forwarded> webhooks) {
        if (events.addForwarded(handle, webhooks.map(Forwarded::event).iterator(), clock.instant())) {
            handle.afterCommit(committed);
        }
    }

    /**
     * Reports a change of the metadata of a connection.
     *
     * @param version the new version
     * @param actor who changed the metadata
     * @param patch JSON Patch (RFC 6902) from the previous version
     */
    public void metadataChanged(Handle handle, Subject subject, long version, String actor, JsonNode patch) {
        if (enabled(handle, subject, WebhookSettings::onMetadataChange)) {
            var body = subject.body("metadata")
                    .put("version", version)
                    .put("changedBy", actor)
                    .put("changedAt", Times.utc(clock.instant()));
            body.set("patch", patch);
            add(handle, new Event(subject, "metadata", Optional.of("metadata"), body));
        }
    }

    /**
     * Adds an {@code auth} event.
     *
     * @param setting the setting that enables the event; null: always enabled
     * @param last whether this event reports the deletion of the connection, so that it is the last one
     */
    void auth(
            Handle handle,
            Subject subject,
            @Nullable Predicate<WebhookSettings> setting,
            boolean last,
            ObjectNode body) {
        if (setting == null || enabled(handle, subject, setting)) {
            add(handle, new Event(subject, "auth", Optional.of("auth"), last, body, Optional.empty()));
        }
    }

    private boolean enabled(Handle handle, Subject subject, Predicate<WebhookSettings> setting) {
        return setting.test(settings(handle, subject));
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
