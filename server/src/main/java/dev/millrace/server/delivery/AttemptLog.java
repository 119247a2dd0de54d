package dev.millrace.server.delivery;

import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Operation;
import dev.millrace.server.log.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Records every delivery attempt in the log as a separate operation. Thread-safe. */
final class AttemptLog {
    private final Logs logs;
    private final Clock clock;

    AttemptLog(Logs logs, Clock clock) {
        this.logs = logs;
        this.clock = clock;
    }

    /**
     * Records one attempt.
     *
     * @param message describes the outcome to users
     * @param duration how long the attempt took
     */
    void record(
            DueDelivery due,
            Destinations.DueDestination destination,
            Result result,
            String message,
            Duration duration) {
        var operation = new Operation(
                UUID.randomUUID(),
                due.environment(),
                "webhook",
                due.integration(),
                due.connectionId(),
                Optional.of(due.type()),
                Optional.empty(),
                clock.instant().minus(duration));
        var meta = Json.object()
                .put("type", "webhook_not_delivered")
                .put("message", message)
                .put("webhook", due.type())
                .put("event_id", due.event().toString())
                .put("delivery_id", due.id().toString())
                .put("url", RedactedUrl.of(destination.url()))
                .put("attempt", result.attempts())
                .put("duration_ms", duration.toMillis());
        result.status().ifPresent(status -> meta.put("status", status));
        try (var log = logs.open(operation)) {
            switch (result.state()) {
                case DELIVERED -> {
                    meta.remove("type");
                    meta.remove("message");
                    log.end(Status.SUCCESS, message, Json.text(meta));
                }
                case SKIPPED -> {
                    log.add("warn", message, Json.text(meta));
                    log.end(Status.CANCELLED, null, null);
                }
                case DEAD -> log.end(Status.FAILED, message + "; no further attempt will be made", Json.text(meta));
                case WAITING -> {
                    meta.put("next_attempt_in_ms", result.delay().toMillis());
                    log.end(Status.FAILED, message + "; another attempt will be made", Json.text(meta));
                }
            }
        }
    }
}
