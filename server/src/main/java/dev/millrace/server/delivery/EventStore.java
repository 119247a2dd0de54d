package dev.millrace.server.delivery;

import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The webhook_event table. Thread-safe. */
final class EventStore {
    // Drops sync events of a connection that is already deleted. This statement takes no lock, so it does not see a
    // concurrent deletion. The dispatcher drops every event that follows the deletion event.
    private static final Sql ADD = Sql.of("""
            INSERT INTO webhook_event (environment_id, connection_id, integration, connection, type, lane, last, body,
                   headers, created_at)
            SELECT :environment, :connection::bigint, :integration, :connectionId, :type, :lane, :last, :body,
                   :headers::bytea, :now
             WHERE :type <> 'sync'
                OR EXISTS (SELECT FROM connection WHERE id = :connection AND deleted_at IS NULL)
            """);
    private static final Sql ADD_FORWARDED = Sql.of("""
            INSERT INTO webhook_event (environment_id, connection_id, integration, connection, type, last, body, headers,
                   created_at)
            SELECT e.environment, e.connection, e.integration, e.connection_id, 'forward', false, e.body, e.headers, :now
              FROM unnest(:environments::bigint[], :connections::bigint[], :integrations::text[],
                          :connectionIds::text[], :bodies::bytea[], :headers::bytea[])
                   WITH ORDINALITY AS e (environment, connection, integration, connection_id, body, headers, place)
             ORDER BY e.place
            """);
    private static final int MOST_ROWS = 500;
    private static final long MOST_BYTES = 8L * 1024 * 1024;
    private static final String AFTER = """
            SELECT uuid, seq, type, integration, connection, body, created_at
              FROM webhook_event
             WHERE environment_id = :environment AND seq > :after
             ORDER BY seq
             LIMIT :limit
            """;
    private static final String REMOVE = """
            DELETE FROM webhook_event
             WHERE id IN (SELECT e.id
                            FROM webhook_event e
                           WHERE e.environment_id = :environment AND e.created_at < :before AND e.seq IS NOT NULL
                             AND NOT EXISTS (SELECT FROM webhook_delivery d
                                              WHERE d.event_id = e.id AND d.state = 'waiting')
                           ORDER BY e.created_at
                           LIMIT :limit)
            """;
    private static final String REMOVE_OF_DELETED_ENVIRONMENTS = """
            DELETE FROM webhook_event
             WHERE id IN (SELECT e.id
                            FROM environment v JOIN webhook_event e ON e.environment_id = v.id
                           WHERE v.deleted_at IS NOT NULL
                           LIMIT :limit)
            """;

    private static final List<SealedColumn.Part> KEY = List.of(new SealedColumn.Part("id", "bigint"));

    static final List<SealedColumn> SEALED =
            List.of(new SealedColumn("webhook_event", "body", KEY), new SealedColumn("webhook_event", "headers", KEY));

    private final Encryption encryption;

    EventStore(Encryption encryption) {
        this.encryption = encryption;
    }

    /**
     * A stored event, as applications poll it.
     *
     * @param id the public id
     * @param seq the sequence number
     * @param body JSON text
     */
    record StoredEvent(
            UUID id, long seq, String type, String integration, String connection, String body, Instant createdAt) {}

    /**
     * Adds an event in the caller's transaction.
     *
     * @return whether the event was stored; false for a sync event of a deleted connection
     */
    boolean add(Handle handle, Event event, Instant now) {
        var subject = event.subject();
        var body = encryption.seal(BodyText.of(event.body()));
        var headers = event.headers().map(Json::text).map(encryption::seal);
        var connection = connection(subject);
        return ADD.update(
                        handle,
                        p -> p.set("environment", subject.environment())
                                .set("connection", connection)
                                .set("integration", subject.integration())
                                .set("connectionId", subject.connectionId())
                                .set("type", event.type())
                                .set("lane", event.orderingKey().orElse(null))
                                .set("last", event.last())
                                .set("body", body)
                                .set("headers", headers.orElse(null))
                                .set("now", Timestamp.from(now)))
                > 0;
    }

    /** An event as it is stored: its body and its headers are encrypted. */
    private record Sealed(Subject subject, byte[] body, byte[] headers) {}

    /**
     * Adds forwarded webhooks in the caller's transaction, with one statement for many. The memory that this needs does
     * not depend on their number.
     *
     * @return whether there was one
     */
    boolean addForwarded(Handle handle, Iterator<Event> events, Instant now) {
        boolean any = false;
        var rows = new ArrayList<Sealed>();
        long bytes = 0;
        while (events.hasNext()) {
            var event = events.next();
            var body = encryption.seal(BodyText.of(event.body()));
            var headers = encryption.seal(Json.text(event.headers().orElseGet(Json::object)));
            rows.add(new Sealed(event.subject(), body, headers));
            bytes += body.length;
            any = true;
            if (rows.size() == MOST_ROWS || bytes >= MOST_BYTES || !events.hasNext()) {
                addForwarded(handle, rows, now);
                rows.clear();
                bytes = 0;
            }
        }
        return any;
    }

    private static void addForwarded(Handle handle, List<Sealed> rows, Instant now) {
        ADD_FORWARDED.update(
                handle,
                p -> p.array("environments", "bigint", column(rows, row -> row.subject.environment()))
                        .array("connections", "bigint", column(rows, row -> connection(row.subject)))
                        .array("integrations", "text", column(rows, row -> row.subject.integration()))
                        .array("connectionIds", "text", column(rows, row -> row.subject.connectionId()))
                        .array(
                                "bodies",
                                "bytea",
                                rows.stream().map(Sealed::body).toArray(byte[][]::new))
                        .array(
                                "headers",
                                "bytea",
                                rows.stream().map(Sealed::headers).toArray(byte[][]::new))
                        .set("now", Timestamp.from(now)));
    }

    private static @Nullable Long connection(Subject subject) {
        return subject.connection().isPresent() ? subject.connection().getAsLong() : null;
    }

    private static @Nullable Object[] column(List<Sealed> rows, Function<Sealed, @Nullable Object> value) {
        return rows.stream().map(value).toArray();
    }

    /** The events with a sequence number greater than {@code seq}, in ascending order. */
    List<StoredEvent> after(Handle handle, long environment, long seq, int limit) {
        return handle.createQuery(AFTER)
                .bind("environment", environment)
                .bind("after", seq)
                .bind("limit", limit)
                .map((row, _) -> storedEvent(row))
                .list();
    }

    private StoredEvent storedEvent(ResultSet row) throws SQLException {
        return new StoredEvent(
                row.getObject("uuid", UUID.class),
                row.getLong("seq"),
                row.getString("type"),
                row.getString("integration"),
                row.getString("connection"),
                encryption.openText(row.getBytes("body")),
                row.getTimestamp("created_at").toInstant());
    }

    /** Decrypts the column {@code body}. */
    String body(ResultSet row) throws SQLException {
        return encryption.openText(row.getBytes("body"));
    }

    /** Decrypts the column {@code headers}. */
    Optional<String> headers(ResultSet row) throws SQLException {
        return Optional.ofNullable(row.getBytes("headers")).map(encryption::openText);
    }

    /**
     * Removes events that were created before a time and have no waiting delivery, oldest first.
     *
     * @return the number of removed events
     */
    int remove(Handle handle, long environment, Instant before, int limit) {
        return handle.createUpdate(REMOVE)
                .bind("environment", environment)
                .bind("before", Timestamp.from(before))
                .bind("limit", limit)
                .execute();
    }

    /**
     * Removes events of deleted environments.
     *
     * @return the number of removed events
     */
    int removeOfDeletedEnvironments(Handle handle, int limit) {
        return handle.createUpdate(REMOVE_OF_DELETED_ENVIRONMENTS)
                .bind("limit", limit)
                .execute();
    }
}
