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
 * Gives out the places of committed events and makes their deliveries. One process does so at a time, and each commit of it
 * continues where the one before ended: whoever has seen a place has seen all before it. Thread-safe.
 */
final class Dispatcher {
    /** The topic under which the servers hear of new deliveries. */
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
    private static final String PLACE = """
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

    /** How far a round came. */
    enum Round {
        /** Another process is at it. */
        BUSY,
        MORE,
        DONE
    }

    /** @param late whether it is about a connection whose deletion was told */
    private record Fresh(
            long id,
            long environment,
            Optional<Long> connection,
            boolean last,
            Optional<String> override,
            boolean late) {}

    private record Planned(long event, String role, long destination) {}

    Round round() {
        return db.inTransaction(handle -> {
            var last = handle.createQuery(LOCK).mapTo(Long.class).findOne();
            if (last.isEmpty()) {
                return Round.BUSY;
            }
            var fresh = handle.createQuery(NEW)
                    .bind("limit", BATCH)
                    .map((row, _) -> fresh(row))
                    .list();
            if (!fresh.isEmpty()) {
                place(handle, fresh, last.get());
            }
            return fresh.size() == BATCH ? Round.MORE : Round.DONE;
        });
    }

    private static Fresh fresh(ResultSet row) throws SQLException {
        long connection = row.getLong("connection_id");
        var known = row.wasNull() ? Optional.<Long>empty() : Optional.of(connection);
        return new Fresh(
                row.getLong("id"),
                row.getLong("environment_id"),
                known,
                row.getBoolean("last"),
                Optional.ofNullable(row.getString("webhook_url_override")),
                row.getBoolean("late"));
    }

    private void place(Handle handle, List<Fresh> fresh, long from) {
        var late = new ArrayList<Long>();
        var placed = new ArrayList<Fresh>();
        Set<Long> deleted = new HashSet<>();
        for (var event : fresh) {
            boolean after =
                    event.late() || event.connection().filter(deleted::contains).isPresent();
            if (after) {
                late.add(event.id());
            } else {
                placed.add(event);
                event.connection().filter(_ -> event.last()).ifPresent(deleted::add);
            }
        }
        if (!late.isEmpty()) {
            handle.createUpdate(DROP).bindArray("ids", Long.class, late).execute();
        }
        var seqs = new ArrayList<Long>();
        for (int i = 1; i <= placed.size(); i++) {
            seqs.add(from + i);
        }
        handle.createUpdate(PLACE)
                .bindArray("ids", Long.class, placed.stream().map(Fresh::id).toList())
                .bindArray("seqs", Long.class, seqs)
                .execute();
        handle.createUpdate(ADVANCE).bind("last", from + placed.size()).execute();
        send(handle, placed);
    }

    private void send(Handle handle, List<Fresh> placed) {
        var planned = new ArrayList<Planned>();
        for (var event : placed) {
            var webhooks = settings.get(handle, event.environment()).webhooks();
            for (var address : Addresses.of(webhooks, event.override())) {
                long destination = destinations.id(handle, event.environment(), address.url());
                planned.add(new Planned(event.id(), address.role(), destination));
            }
        }
        if (planned.isEmpty()) {
            return;
        }
        handle.createUpdate(ADD)
                .bindArray(
                        "events",
                        Long.class,
                        planned.stream().map(Planned::event).toList())
                .bindArray(
                        "roles",
                        String.class,
                        planned.stream().map(Planned::role).toList())
                .bindArray(
                        "destinations",
                        Long.class,
                        planned.stream().map(Planned::destination).toList())
                .execute();
        cluster.send(handle, TOPIC, "");
    }
}
