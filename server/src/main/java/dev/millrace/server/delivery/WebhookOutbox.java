package dev.millrace.server.delivery;

import dev.millrace.server.http.Json;
import java.sql.Timestamp;
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

    /** Deletes webhooks that were never sent, oldest first; returns how many. */
    public int removeBefore(Handle handle, Instant before, int limit) {
        return handle.createUpdate(REMOVE)
                .bind("before", Timestamp.from(before))
                .bind("limit", limit)
                .execute();
    }
}
