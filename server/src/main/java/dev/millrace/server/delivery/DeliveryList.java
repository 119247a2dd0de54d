package dev.millrace.server.delivery;

import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Lists deliveries for users and replays them. Thread-safe. */
final class DeliveryList {
    private static final String SELECT = """
            SELECT d.id, d.seq, e.uuid, e.type, e.integration, e.connection, e.created_at, d.role, t.url, d.state,
                   d.attempts, d.status, d.error, d.due_at, d.attempted_at, d.finished_at
              FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id
              JOIN webhook_destination t ON t.id = d.destination_id
             WHERE d.environment_id = :environment
            """;
    private static final String PAGE = """
               AND (d.seq, d.id) < (:seq, :id) %s
               AND (:state::text IS NULL OR d.state = :state)
               AND (:type::text IS NULL OR e.type = :type)
               AND (:event::uuid IS NULL OR e.uuid = :event::uuid)
               AND (:integration::text IS NULL OR e.integration = :integration)
               AND (:connection::text IS NULL OR e.connection = :connection)
               AND (:from::timestamptz IS NULL OR e.created_at >= :from::timestamptz)
               AND (:to::timestamptz IS NULL OR e.created_at < :to::timestamptz)
             ORDER BY d.seq DESC, d.id DESC
             LIMIT :limit
            """;
    private static final String PAGE_ALL = SELECT + PAGE.formatted("");
    private static final String PAGE_DEAD = SELECT + PAGE.formatted("AND d.state = 'dead'");
    private static final String ONE = SELECT + " AND d.id = :id";
    // A replay uses the current primary or secondary address. An address of a connection is not changed.
    private static final String RESEND = """
            UPDATE webhook_delivery d
               SET state = 'waiting', attempts = 0, due_at = now(), finished_at = NULL,
                   destination_id = CASE d.role WHEN 'primary' THEN coalesce(:primary::bigint, d.destination_id)
                                                WHEN 'secondary' THEN coalesce(:secondary::bigint, d.destination_id)
                                                ELSE d.destination_id END
             WHERE d.environment_id = :environment AND d.owner IS NULL
            """;
    private static final String REPLAY = RESEND + " AND d.id = :id";
    private static final String REPLAY_RANGE = RESEND + """
               AND d.id IN (SELECT x.id
                              FROM webhook_event e JOIN webhook_delivery x ON x.event_id = e.id
                             WHERE e.environment_id = :environment AND e.created_at >= :since
                               AND (:until::timestamptz IS NULL OR e.created_at < :until::timestamptz)
                               AND x.state = ANY (:states) AND x.owner IS NULL
                             ORDER BY x.seq
                             LIMIT :limit)
            """;
    private static final int BATCH = 1_000;

    private final Database db;
    private final Destinations destinations;
    private final EnvironmentSettings settings;

    DeliveryList(Database db, Destinations destinations, EnvironmentSettings settings) {
        this.db = db;
        this.destinations = destinations;
        this.settings = settings;
    }

    /**
     * The filter of the list. Empty fields match everything.
     *
     * @param from the earliest creation time of the event, inclusive
     * @param to the latest creation time of the event, exclusive
     */
    record Filter(
            long environment,
            Optional<String> state,
            Optional<String> type,
            Optional<UUID> event,
            Optional<String> integration,
            Optional<String> connection,
            Optional<Instant> from,
            Optional<Instant> to) {}

    /**
     * A delivery as the API returns it.
     *
     * @param cursor the position of the delivery in the list
     */
    record Item(DeliveryCursor cursor, ObjectNode json) {}

    /** A page of deliveries, newest event first, after the cursor. */
    List<Item> page(Filter filter, DeliveryCursor after, int limit) {
        boolean dead = filter.state().filter(State.DEAD.code()::equals).isPresent();
        return db.withHandle(handle -> bind(handle.createQuery(dead ? PAGE_DEAD : PAGE_ALL), filter)
                .bind("seq", after.seq())
                .bind("id", after.id())
                .bind("limit", limit)
                .map((row, _) -> item(row))
                .list());
    }

    private static Query bind(Query query, Filter filter) {
        return query.bind("environment", filter.environment())
                .bind("state", filter.state().orElse(null))
                .bind("type", filter.type().orElse(null))
                .bind("event", filter.event().orElse(null))
                .bind("integration", filter.integration().orElse(null))
                .bind("connection", filter.connection().orElse(null))
                .bind("from", time(filter.from()))
                .bind("to", time(filter.to()));
    }

    private static @Nullable Timestamp time(Optional<Instant> instant) {
        return instant.map(Timestamp::from).orElse(null);
    }

    Optional<ObjectNode> find(long environment, UUID id) {
        return db.withHandle(handle -> handle.createQuery(ONE)
                .bind("environment", environment)
                .bind("id", id)
                .map((row, _) -> item(row).json())
                .findOne());
    }

    private static Item item(ResultSet row) throws SQLException {
        var id = row.getObject("id", UUID.class);
        var status = row.getInt("status");
        boolean answered = !row.wasNull();
        var json = Json.object()
                .put("id", id.toString())
                .put("event_id", row.getObject("uuid", UUID.class).toString())
                .put("type", row.getString("type"))
                .put("provider_config_key", row.getString("integration"))
                .put("connection_id", row.getString("connection"))
                .put("destination", row.getString("role"))
                .put("url", RedactedUrl.of(row.getString("url")))
                .put("state", row.getString("state"))
                .put("attempts", row.getInt("attempts"))
                .put("status", answered ? Integer.valueOf(status) : null)
                .put("error", row.getString("error"))
                .put("created_at", time(row, "created_at"))
                .put("last_attempt_at", time(row, "attempted_at"))
                .put("next_attempt_at", time(row, "due_at"))
                .put("finished_at", time(row, "finished_at"));
        return new Item(new DeliveryCursor(row.getLong("seq"), id), json);
    }

    private static @Nullable String time(ResultSet row, String column) throws SQLException {
        var time = row.getTimestamp(column);
        return time == null ? null : Times.utc(time.toInstant());
    }

    /**
     * Makes a delivery due again and resets its number of attempts.
     *
     * @return false if the delivery is being sent now
     */
    boolean replay(long environment, UUID id) {
        return db.inTransaction(handle -> resend(handle, REPLAY, environment, update -> update.bind("id", id)) > 0);
    }

    /**
     * Makes deliveries in the given states due again, if their events were created in the period. Skips
     * deliveries that are being sent now. Works in batches, each in its own transaction.
     *
     * @param since the start of the period, inclusive
     * @param until the end of the period, exclusive
     * @return the number of deliveries
     */
    int replay(long environment, Instant since, Optional<Instant> until, List<State> states) {
        int total = 0;
        for (int updated = BATCH; updated == BATCH; total += updated) {
            updated = db.inTransaction(handle -> resend(
                    handle,
                    REPLAY_RANGE,
                    environment,
                    update -> update.bind("since", Timestamp.from(since))
                            .bind("until", time(until))
                            .bindArray(
                                    "states",
                                    String.class,
                                    states.stream().map(State::code).toList())
                            .bind("limit", BATCH)));
        }
        return total;
    }

    private int resend(Handle handle, String sql, long environment, UnaryOperator<Update> binder) {
        var webhooks = settings.get(handle, environment).webhooks();
        var update = handle.createUpdate(sql)
                .bind("environment", environment)
                .bind("primary", id(handle, environment, webhooks.primaryUrl()))
                .bind("secondary", id(handle, environment, webhooks.secondaryUrl()));
        return binder.apply(update).execute();
    }

    private @Nullable Long id(Handle handle, long environment, Optional<String> url) {
        return url.isEmpty() ? null : destinations.id(handle, environment, url.get());
    }
}
