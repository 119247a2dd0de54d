package dev.millrace.server.delivery;

import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Operation;
import dev.millrace.server.log.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Tells the log of every attempt: each is an operation of its own. Thread-safe. */
final class AttemptLog {
    private final Logs logs;
    private final Clock clock;

    AttemptLog(Logs logs, Clock clock) {
        this.logs = logs;
        this.clock = clock;
    }

    void tell(Due due, Destinations.Due destination, Result result, String message, Duration took) {
        var operation = new Operation(
                UUID.randomUUID(),
                due.environment(),
                "webhook",
                due.integration(),
                due.connectionId(),
                Optional.of(due.type()),
                Optional.empty(),
                clock.instant().minus(took));
        var meta = Json.object()
                .put("type", "webhook_not_delivered")
                .put("message", message)
                .put("webhook", due.type())
                .put("event_id", due.event().toString())
                .put("delivery_id", due.id().toString())
                .put("url", ShownUrl.of(destination.url()))
                .put("attempt", result.attempts())
                .put("duration_ms", took.toMillis());
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
                case DEAD -> log.end(Status.FAILED, message + "; there are no further attempts", Json.text(meta));
                case WAITING -> {
                    meta.put("next_attempt_in_ms", result.pause().toMillis());
                    log.end(Status.FAILED, message + "; another attempt follows", Json.text(meta));
                }
            }
        }
    }
}
