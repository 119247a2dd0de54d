package dev.millrace.server.delivery;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Json;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entry point for webhooks: stores them in the transaction of the event. They are not sent yet. A
 * sender will take rows from {@code webhook_outbox} in the order of their ids, apply the settings of that moment, and
 * remove them. Thread-safe.
 */
public final class WebhookOutbox {
    private static final String ADD = """
            INSERT INTO webhook_outbox (environment_id, connection_id, type, body, created_at)
            VALUES (:environment, :connection, :type, :body::json, :now)
            """;
    private static final String REMOVE = """
            DELETE FROM webhook_outbox
             WHERE id IN (SELECT id FROM webhook_outbox WHERE created_at < :before ORDER BY created_at LIMIT :limit)
            """;

    /**
     * Stores a webhook, in the transaction of the event.
     *
     * @param connection whose own webhook URL, if any, replaces that of the environment
     * @param body with {@code from} and {@code type}, which every webhook has
     */
    public void add(Handle handle, long environment, long connection, ObjectNode body, Instant now) {
        handle.createUpdate(ADD)
                .bind("environment", environment)
                .bind("connection", connection)
                .bind("type", body.path("type").asString())
                .bind("body", Json.text(body))
                .bind("now", Timestamp.from(now))
                .execute();
    }

    /** What nobody took goes after five days, oldest first. */
    public RetentionRule retention(Database db) {
        return new RetentionRule(
                "webhook-retention",
                new Pace(Duration.ofMillis(200), Duration.ofMinutes(10)),
                Duration.ofDays(5),
                1_000,
                (before, most) -> db.withHandle(handle -> removeBefore(handle, before, most)));
    }

    private static int removeBefore(Handle handle, Instant before, int limit) {
        return handle.createUpdate(REMOVE)
                .bind("before", Timestamp.from(before))
                .bind("limit", limit)
                .execute();
    }
}
