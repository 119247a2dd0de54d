package dev.millrace.server.webhook;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.server.action.Invocations;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.webhook.Arrival.Planned;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Lists received webhooks and runs their functions again on request. Thread-safe. */
public final class ReceivedList {
    public static final List<String> STATES = List.of("unmatched", "unsubscribed", "waiting", "done", "failed");

    private static final String FAILED = "failed";
    private static final String SHOWN = """
            SELECT e.id, e.uuid, e.integration, e.received_at, e.type, e.header_type, e.provider_event_id, e.state,
                   %s
                   (SELECT array_agg(a.connection ORDER BY a.id) FROM connection_address a
                     WHERE a.id = ANY (e.connections)) AS connections
              FROM inbound_event e
             WHERE e.environment_id = :environment
            """;
    private static final String PAGE = """
               AND (e.received_at, e.id) < (:before::timestamptz, :beforeId) %s
               AND (:state::text IS NULL OR e.state = :state)
               AND (:integration::text IS NULL OR e.integration = :integration)
               AND (:connection::text IS NULL
                    OR e.connections && ARRAY(SELECT a.id FROM connection_address a
                                               WHERE a.environment_id = :environment AND a.connection = :connection))
               AND (:from::timestamptz IS NULL OR e.received_at >= :from::timestamptz)
               AND (:to::timestamptz IS NULL OR e.received_at < :to::timestamptz)
             ORDER BY e.received_at DESC, e.id DESC
             LIMIT :limit
            """;
    private static final String LISTED = SHOWN.formatted("");
    private static final String ALL = LISTED + PAGE.formatted("");
    private static final String ONLY_FAILED = LISTED + PAGE.formatted("AND e.state = 'failed'");
    private static final String ONE = SHOWN.formatted("e.headers, e.body,") + " AND e.uuid = :id";
    private static final Sql RUNS = Sql.of("""
            SELECT r.function, r.state, r.attempts, r.operation, r.error, r.finished_at,
                   (SELECT a.connection FROM connection_address a WHERE a.id = r.connection_id) AS connection
              FROM inbound_run r
             WHERE r.event_id = :event
             ORDER BY r.id
            """);
    private static final Sql STORED = Sql.of("""
            SELECT id, integration_id, integration, type, header_type, connections, headers, body,
                   (SELECT array_agg(a.id ORDER BY a.id) FROM connection_address a WHERE a.id = ANY (connections)) AS ids,
                   (SELECT array_agg(a.connection ORDER BY a.id) FROM connection_address a
                     WHERE a.id = ANY (connections)) AS names
              FROM inbound_event
             WHERE environment_id = :environment AND uuid = :id
            """);
    private static final Sql IDLE = Sql.of("SELECT state <> 'waiting' FROM inbound_event WHERE id = :event FOR UPDATE");
    private static final Sql REMOVE_RUNS = Sql.of("DELETE FROM inbound_run WHERE event_id = :event");
    private static final Sql AGAIN = Sql.of("""
            UPDATE inbound_event
               SET pending = :pending, failures = :failures,
                   state = CASE WHEN connections = '{}' THEN 'unmatched' WHEN :pending > 0 THEN 'waiting'
                                WHEN :failures > 0 THEN 'failed' WHEN :calls > 0 THEN 'done'
                                ELSE 'unsubscribed' END
             WHERE id = :event
            """);

    private final Database db;
    private final Encryption encryption;
    private final Subscriptions subscriptions;
    private final EventCalls calls;
    private final Invocations invocations;
    private final Schedule schedule;
    private final Clock clock;

    ReceivedList(
            Database db,
            Encryption encryption,
            Subscriptions subscriptions,
            EventCalls calls,
            Invocations invocations,
            Schedule schedule,
            Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.subscriptions = subscriptions;
        this.calls = calls;
        this.invocations = invocations;
        this.schedule = schedule;
        this.clock = clock;
    }

    /** Filter of the list. */
    record Filter(
            long environment,
            Optional<String> state,
            Optional<String> integration,
            Optional<String> connection,
            Optional<Instant> from,
            Optional<Instant> to) {}

    /** Position of an event in the list, used for paging. */
    record Place(Instant receivedAt, long id) {
        static final Place FIRST = new Place(Instant.parse("9999-01-01T00:00:00Z"), Long.MAX_VALUE);

        static Optional<Place> parse(String cursor) {
            try {
                var parts = new String(Base64.getUrlDecoder().decode(cursor), US_ASCII).split(" ", 2);
                return parts.length == 2
                        ? Optional.of(new Place(Instant.parse(parts[0]), Long.parseLong(parts[1])))
                        : Optional.empty();
            } catch (IllegalArgumentException | DateTimeException _) {
                return Optional.empty();
            }
        }

        String cursor() {
            return Base64.getUrlEncoder().withoutPadding().encodeToString((receivedAt + " " + id).getBytes(US_ASCII));
        }
    }

    /** An event as the API shows it, with its position in the list. */
    record Item(Place place, ObjectNode shown) {}

    /** @param next cursor of the next page, if there may be one */
    public record Page(List<ObjectNode> items, Optional<String> next) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /**
     * Events as the API shows them, newest first. Empty filters match everything.
     *
     * @param cursor of an earlier page; an unknown one means the first page
     */
    public Page page(
            long environment, Optional<String> state, Optional<String> connection, Optional<String> cursor, int limit) {
        var filter = new Filter(environment, state, Optional.empty(), connection, Optional.empty(), Optional.empty());
        var items = page(filter, cursor.flatMap(Place::parse).orElse(Place.FIRST), limit);
        return new Page(
                items.stream().map(Item::shown).toList(),
                items.size() == limit ? Optional.of(items.getLast().place().cursor()) : Optional.empty());
    }

    /** Returns one page of the list, newest first. */
    List<Item> page(Filter filter, Place before, int limit) {
        boolean failed = filter.state().filter(FAILED::equals).isPresent();
        return db.withHandle(handle -> handle.createQuery(failed ? ONLY_FAILED : ALL)
                .bind("environment", filter.environment())
                .bind("before", before.receivedAt().toString())
                .bind("beforeId", before.id())
                .bind("state", filter.state().orElse(null))
                .bind("integration", filter.integration().orElse(null))
                .bind("connection", filter.connection().orElse(null))
                .bind("from", time(filter.from()))
                .bind("to", time(filter.to()))
                .bind("limit", limit)
                .map((row, _) -> item(row))
                .list());
    }

    private static @Nullable Timestamp time(Optional<Instant> moment) {
        return moment.map(Timestamp::from).orElse(null);
    }

    private static Item item(ResultSet row) throws SQLException {
        var received = row.getTimestamp("received_at").toInstant();
        var shown = Json.object()
                .put("id", row.getString("uuid"))
                .put("provider_config_key", row.getString("integration"))
                .put("type", row.getString("type"))
                .put("header_type", row.getString("header_type"))
                .put("provider_event_id", row.getString("provider_event_id"))
                .put("state", row.getString("state"))
                .put("received_at", Times.utc(received));
        var connections = shown.putArray("connection_ids");
        var found = row.getArray("connections");
        if (found != null) {
            List.of((String[]) found.getArray()).forEach(connections::add);
        }
        return new Item(new Place(received, row.getLong("id")), shown);
    }

    /** Returns the event with its body, headers and runs; empty if there is none with this id. */
    public Optional<ObjectNode> find(long environment, UUID id) {
        return db.withHandle(handle -> handle.createQuery(ONE)
                .bind("environment", environment)
                .bind("id", id)
                .map((row, _) -> {
                    var item = item(row);
                    var shown = item.shown();
                    shown.putRawValue("headers", new RawValue(encryption.openText(row.getBytes("headers"))));
                    shown.putRawValue("body", new RawValue(encryption.openText(row.getBytes("body"))));
                    var runs = shown.putArray("runs");
                    RUNS.list(handle, p -> p.set("event", item.place().id()), ReceivedList::run)
                            .forEach(runs::add);
                    return shown;
                })
                .findOne());
    }

    private static ObjectNode run(ResultSet row) throws SQLException {
        var finished = Optional.ofNullable(row.getTimestamp("finished_at")).map(Timestamp::toInstant);
        return Json.object()
                .put("connection_id", row.getString("connection"))
                .put("sync", row.getString("function"))
                .put("state", row.getString("state"))
                .put("attempts", row.getInt("attempts"))
                .put("log_id", row.getString("operation"))
                .put("error", row.getString("error"))
                .put("finished_at", finished.map(Times::utc).orElse(null));
    }

    private record Stored(
            long id,
            EventCalls.Place place,
            Optional<String> type,
            Optional<String> headerType,
            List<Long> connections,
            List<Found> found,
            byte[] headers,
            byte[] body) {}

    /** Runs the currently subscribed functions of the event again. Returns false if there is no such event. */
    public boolean replay(long environment, UUID id) throws InterruptedException {
        var found = stored(environment, id);
        if (found.isEmpty()) {
            return false;
        }
        var event = found.get();
        // Done before the transaction: a thread that holds a pooled connection must not wait for a second one.
        var started = subscriptions
                .started(
                        event.place().integration(),
                        List.of(new Subscriptions.Event(event.type(), event.headerType(), event.connections())))
                .getFirst();
        var called = calls.of(
                event.place(),
                started.functions(),
                event.found(),
                headers(event.headers()),
                Map.of(),
                Json.parse(encryption.openText(event.body())));
        db.useTransaction(handle -> replay(handle, environment, event, started.runs(), called));
        schedule.wake();
        return true;
    }

    private Map<String, String> headers(byte[] sealed) {
        var headers = new HashMap<String, String>();
        Json.parse(encryption.openText(sealed))
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asString("")));
        return headers;
    }

    private void replay(
            Handle handle, long environment, Stored event, List<Planned> planned, List<Invocations.Received> called) {
        boolean idle = IDLE.first(handle, p -> p.set("event", event.id()), row -> row.getBoolean(1))
                .orElse(true);
        if (!idle) {
            throw Failure.plain(409, "conflict", "Functions are executed for this webhook at this moment.");
        }
        REMOVE_RUNS.update(handle, p -> p.set("event", event.id()));
        AGAIN.update(
                handle,
                p -> p.set("event", event.id())
                        .set("pending", InboxStore.count(planned, true))
                        .set("failures", InboxStore.count(planned, false))
                        .set("calls", called.size()));
        invocations.received(handle, called);
        var runs = planned.stream()
                .map(run -> new InboxStore.Run(event.id(), environment, run))
                .toList();
        InboxStore.addRuns(handle, runs, clock.instant())
                .forEach(lane -> schedule.at(handle, WebhookRuns.TASK, lane.task(), clock.instant()));
    }

    private Optional<Stored> stored(long environment, UUID id) {
        return db.first(
                STORED,
                p -> p.set("environment", environment).set("id", id),
                row -> new Stored(
                        row.getLong("id"),
                        new EventCalls.Place(environment, row.getLong("integration_id"), row.getString("integration")),
                        Optional.ofNullable(row.getString("type")),
                        Optional.ofNullable(row.getString("header_type")),
                        List.of((Long[]) row.getArray("connections").getArray()),
                        found(row),
                        row.getBytes("headers"),
                        row.getBytes("body")));
    }

    /** Those of the matched connections that still exist. */
    private static List<Found> found(ResultSet row) throws SQLException {
        var ids = row.getArray("ids");
        if (ids == null) {
            return List.of();
        }
        var numbers = (Long[]) ids.getArray();
        var names = (String[]) row.getArray("names").getArray();
        var found = new ArrayList<Found>();
        for (int i = 0; i < numbers.length; i++) {
            found.add(new Found(numbers[i], names[i]));
        }
        return found;
    }
}
