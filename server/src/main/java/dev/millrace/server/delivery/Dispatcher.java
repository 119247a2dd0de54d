package dev.millrace.server.delivery;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * Assigns sequence numbers to committed events and creates their deliveries. Only one process does so at a time, and
 * every transaction continues with the next number. A reader that sees a sequence number therefore sees all lower ones.
 * Thread-safe.
 */
final class Dispatcher {
    /** The cluster topic that announces new deliveries. */
    static final String TOPIC = "webhooks";

    private static final String LOCK = "SELECT last FROM webhook_place FOR UPDATE SKIP LOCKED";
    private static final String ADVANCE = "UPDATE webhook_place SET last = :last";
    private static final String NEW = """
            SELECT e.id, e.environment_id, e.connection_id, e.last, c.webhook_url_override,
                   EXISTS (SELECT FROM webhook_event l
                            WHERE l.connection_id = e.connection_id AND l.last AND l.seq IS NOT NULL) AS late
              FROM webhook_event e LEFT JOIN connection c ON c.id = e.connection_id
             WHERE e.seq IS NULL
             ORDER BY e.id
             LIMIT :limit
            """;
    private static final String ASSIGN_SEQUENCE_NUMBERS = """
            UPDATE webhook_event e SET seq = p.seq
              FROM unnest(:ids::bigint[], :seqs::bigint[]) AS p (id, seq)
             WHERE e.id = p.id
            """;
    private static final String DROP = "DELETE FROM webhook_event WHERE id = ANY (:ids)";
    private static final String ADD = """
            INSERT INTO webhook_delivery (event_id, seq, environment_id, connection_id, lane, last, role, destination_id,
                   state, due_at)
            SELECT e.id, e.seq, e.environment_id, e.connection_id, e.lane, e.last, d.role, d.destination, 'waiting', now()
              FROM unnest(:events::bigint[], :roles::text[], :destinations::bigint[])
                   AS d (event, role, destination) JOIN webhook_event e ON e.id = d.event
            """;
    private static final int BATCH = 500;

    private final Database db;
    private final Destinations destinations;
    private final EnvironmentSettings settings;
    private final Cluster cluster;

    Dispatcher(Database db, Destinations destinations, EnvironmentSettings settings, Cluster cluster) {
        this.db = db;
        this.destinations = destinations;
        this.settings = settings;
        this.cluster = cluster;
    }

    /** The result of {@link #dispatchBatch()}. */
    enum BatchResult {
        /** Nothing was done, because another process holds the lock. */
        BUSY,
        /** The batch was full; there may be more events. */
        MORE,
        DONE
    }

    /**
     * An event without a sequence number.
     *
     * @param last whether this is the last event of the connection
     * @param override the webhook address of the connection
     * @param late whether the last event of the connection already has a sequence number
     */
    private record NewEvent(
            long id,
            long environment,
            Optional<Long> connection,
            boolean last,
            Optional<String> override,
            boolean late) {}

    private record NewDelivery(long event, String role, long destination) {}

    /**
     * Processes one batch of new events in one transaction. Drops events that follow the deletion of their connection.
     */
    BatchResult dispatchBatch() {
        return db.inTransaction(handle -> {
            var last = handle.createQuery(LOCK).mapTo(Long.class).findOne();
            if (last.isEmpty()) {
                return BatchResult.BUSY;
            }
            var events = handle.createQuery(NEW)
                    .bind("limit", BATCH)
                    .map((row, _) -> newEvent(row))
                    .list();
            if (!events.isEmpty()) {
                assignSequenceNumbers(handle, events, last.get());
            }
            return events.size() == BATCH ? BatchResult.MORE : BatchResult.DONE;
        });
    }

    private static NewEvent newEvent(ResultSet row) throws SQLException {
        long connection = row.getLong("connection_id");
        var connectionId = row.wasNull() ? Optional.<Long>empty() : Optional.of(connection);
        return new NewEvent(
                row.getLong("id"),
                row.getLong("environment_id"),
                connectionId,
                row.getBoolean("last"),
                Optional.ofNullable(row.getString("webhook_url_override")),
                row.getBoolean("late"));
    }

    private void assignSequenceNumbers(Handle handle, List<NewEvent> events, long from) {
        var late = new ArrayList<Long>();
        var numbered = new ArrayList<NewEvent>();
        Set<Long> deletedConnections = new HashSet<>();
        for (var event : events) {
            boolean afterDeletion = event.late()
                    || event.connection().filter(deletedConnections::contains).isPresent();
            if (afterDeletion) {
                late.add(event.id());
            } else {
                numbered.add(event);
                event.connection().filter(_ -> event.last()).ifPresent(deletedConnections::add);
            }
        }
        if (!late.isEmpty()) {
            handle.createUpdate(DROP).bindArray("ids", Long.class, late).execute();
        }
        var seqs = new ArrayList<Long>();
        for (int i = 1; i <= numbered.size(); i++) {
            seqs.add(from + i);
        }
        handle.createUpdate(ASSIGN_SEQUENCE_NUMBERS)
                .bindArray(
                        "ids", Long.class, numbered.stream().map(NewEvent::id).toList())
                .bindArray("seqs", Long.class, seqs)
                .execute();
        handle.createUpdate(ADVANCE).bind("last", from + numbered.size()).execute();
        addDeliveries(handle, numbered);
    }

    private void addDeliveries(Handle handle, List<NewEvent> numbered) {
        var deliveries = new ArrayList<NewDelivery>();
        for (var event : numbered) {
            var webhooks = settings.get(handle, event.environment()).webhooks();
            for (var address : Addresses.of(webhooks, event.override())) {
                long destination = destinations.id(handle, event.environment(), address.url());
                deliveries.add(new NewDelivery(event.id(), address.role(), destination));
            }
        }
        if (deliveries.isEmpty()) {
            return;
        }
        handle.createUpdate(ADD)
                .bindArray(
                        "events",
                        Long.class,
                        deliveries.stream().map(NewDelivery::event).toList())
                .bindArray(
                        "roles",
                        String.class,
                        deliveries.stream().map(NewDelivery::role).toList())
                .bindArray(
                        "destinations",
                        Long.class,
                        deliveries.stream().map(NewDelivery::destination).toList())
                .execute();
        cluster.send(handle, TOPIC, "");
    }
}
