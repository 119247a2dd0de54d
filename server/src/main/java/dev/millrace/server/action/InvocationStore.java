package dev.millrace.server.action;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The table {@code invocation}. */
final class InvocationStore {
    private static final String ADD = """
            INSERT INTO invocation (id, lane, environment_id, connection_id, function, call, checked, awaited, state, debounce,
                   first_seen, last_seen, expires_at)
            VALUES (:id, :lane, :environment, :connection, :function, :call, :checked, :awaited, :state, :debounce, :now,
                   :now, :expires)
            ON CONFLICT (debounce) WHERE state = 'COLLECTING' DO NOTHING
            """;
    private static final String COLUMNS =
            "SELECT id, lane, environment_id, connection_id, function, call, checked, awaited, state, debounce, calls,"
                    + " first_seen, last_seen, expires_at FROM invocation";
    private static final String FIRST =
            COLUMNS + " WHERE lane = :lane AND state IN ('WAITING', 'RUNNING') ORDER BY place LIMIT 1 FOR UPDATE";
    private static final String COLLECTING =
            COLUMNS + " WHERE debounce = :debounce AND state = 'COLLECTING' FOR UPDATE";
    private static final String COLLECTED = COLUMNS + " WHERE id = :id AND state = 'COLLECTING' FOR UPDATE";
    private static final String COLLECT = """
            UPDATE invocation SET call = :call, checked = :checked, calls = calls + 1, last_seen = :now WHERE id = :id
            """;
    private static final String RELEASE = """
            UPDATE invocation
               SET state = 'WAITING', place = nextval(pg_get_serial_sequence('invocation', 'place')), expires_at = :expires
             WHERE id = :id
            """;
    private static final String UNFINISHED = """
            SELECT count(*)
              FROM (SELECT FROM invocation WHERE environment_id = :environment AND state <> 'DONE' LIMIT :limit) AS unfinished
            """;
    private static final String ANY_WAITING =
            "SELECT EXISTS (SELECT FROM invocation WHERE lane = :lane AND state IN ('WAITING', 'RUNNING'))";
    private static final String START = "UPDATE invocation SET state = 'RUNNING' WHERE id = :id";
    private static final String END = """
            UPDATE invocation
               SET state = 'DONE', finished_at = :now, status = :status, answer = :answer, call = NULL
             WHERE id = :id AND state = ANY (:states)
            """;
    private static final String FIND = """
            SELECT state, status, answer
              FROM invocation
             WHERE id = :id AND environment_id = :environment AND (state <> 'DONE' OR finished_at > :since)
            """;
    private static final String REMOVE = """
            DELETE FROM invocation
             WHERE id IN (SELECT id
                            FROM invocation
                           WHERE state = 'DONE' AND finished_at < :before
                           ORDER BY finished_at
                           LIMIT :limit)
            """;

    private static final List<SealedColumn.Part> KEY = List.of(new SealedColumn.Part("id", "uuid"));

    static final List<SealedColumn> SEALED =
            List.of(new SealedColumn("invocation", "call", KEY), new SealedColumn("invocation", "answer", KEY));

    private final Encryption encryption;

    InvocationStore(Encryption encryption) {
        this.encryption = encryption;
    }

    /**
     * A stored call.
     *
     * @param lane those of one lane run one after another
     * @param argument of the function
     * @param checked whether the input was validated and set
     * @param awaited whether the caller waits for the outcome
     * @param running whether a server has started it
     * @param debounce for calls that are collected: which of them belong together
     * @param calls how many were collected
     */
    record Invocation(
            UUID id,
            String lane,
            long environment,
            long connection,
            String function,
            ObjectNode argument,
            boolean checked,
            boolean awaited,
            boolean running,
            Optional<String> debounce,
            int calls,
            Instant firstSeen,
            Instant lastSeen,
            Instant expiresAt) {

        Invocation with(UnaryOperator<ObjectNode> change) {
            return copy(change.apply(argument), debounce);
        }

        Invocation collecting(String key) {
            return copy(argument, Optional.of(key));
        }

        private Invocation copy(ObjectNode newArgument, Optional<String> newDebounce) {
            return new Invocation(
                    id,
                    lane,
                    environment,
                    connection,
                    function,
                    newArgument,
                    checked,
                    awaited,
                    running,
                    newDebounce,
                    calls,
                    firstSeen,
                    lastSeen,
                    expiresAt);
        }
    }

    /** What is known of a call: its result when it has one. */
    record Known(Optional<ActionResult> result) {}

    /** Stores a call; false when calls that belong together with it are being collected. */
    boolean add(Handle handle, Invocation invocation) {
        return handle.createUpdate(ADD)
                        .bind("id", invocation.id())
                        .bind("lane", invocation.lane())
                        .bind("environment", invocation.environment())
                        .bind("connection", invocation.connection())
                        .bind("function", invocation.function())
                        .bind("call", encryption.seal(Json.bytes(invocation.argument())))
                        .bind("checked", invocation.checked())
                        .bind("awaited", invocation.awaited())
                        .bind("state", invocation.debounce().isPresent() ? "COLLECTING" : "WAITING")
                        .bind("debounce", invocation.debounce().orElse(null))
                        .bind("now", Timestamp.from(invocation.firstSeen()))
                        .bind("expires", Timestamp.from(invocation.expiresAt()))
                        .execute()
                > 0;
    }

    /** How many have no result yet. Counts up to the limit only. */
    int unfinished(Handle handle, long environment, int limit) {
        return handle.createQuery(UNFINISHED)
                .bind("environment", environment)
                .bind("limit", limit)
                .mapTo(Integer.class)
                .one();
    }

    /** Locks and returns the call of a lane that is running or next. */
    Optional<Invocation> first(Handle handle, String lane) {
        return handle.createQuery(FIRST)
                .bind("lane", lane)
                .map((row, _) -> read(row))
                .findOne();
    }

    /** Locks and returns the call that collects others. */
    Optional<Invocation> collecting(Handle handle, String debounce) {
        return handle.createQuery(COLLECTING)
                .bind("debounce", debounce)
                .map((row, _) -> read(row))
                .findOne();
    }

    /** The same by its id. */
    Optional<Invocation> collected(Handle handle, UUID id) {
        return handle.createQuery(COLLECTED)
                .bind("id", id)
                .map((row, _) -> read(row))
                .findOne();
    }

    private Invocation read(ResultSet row) throws SQLException {
        return new Invocation(
                row.getObject("id", UUID.class),
                row.getString("lane"),
                row.getLong("environment_id"),
                row.getLong("connection_id"),
                row.getString("function"),
                argument(row.getBytes("call")),
                row.getBoolean("checked"),
                row.getBoolean("awaited"),
                row.getString("state").equals("RUNNING"),
                Optional.ofNullable(row.getString("debounce")),
                row.getInt("calls"),
                row.getTimestamp("first_seen").toInstant(),
                row.getTimestamp("last_seen").toInstant(),
                row.getTimestamp("expires_at").toInstant());
    }

    private ObjectNode argument(byte @Nullable [] sealed) {
        return sealed == null ? Json.object() : Json.parseObject(encryption.openText(sealed));
    }

    /** Adds a call to one that collects. */
    void collect(Handle handle, Invocation into, ObjectNode argument, boolean checked, Instant now) {
        handle.createUpdate(COLLECT)
                .bind("id", into.id())
                .bind("call", encryption.seal(Json.bytes(argument)))
                .bind("checked", checked)
                .bind("now", Timestamp.from(now))
                .execute();
    }

    /** Ends the collecting of calls: the run is queued behind those that wait already. */
    void release(Handle handle, UUID id, Instant expires) {
        handle.createUpdate(RELEASE)
                .bind("id", id)
                .bind("expires", Timestamp.from(expires))
                .execute();
    }

    boolean anyWaiting(Handle handle, String lane) {
        return handle.createQuery(ANY_WAITING)
                .bind("lane", lane)
                .mapTo(Boolean.class)
                .one();
    }

    void start(Handle handle, Invocation invocation) {
        handle.createUpdate(START).bind("id", invocation.id()).execute();
    }

    void end(Handle handle, UUID id, ActionResult result, Instant now) {
        end(handle, id, result, now, List.of("WAITING", "RUNNING"));
    }

    /** Ends a call that has not started; false when it has. */
    boolean giveUp(Handle handle, UUID id, ActionResult result, Instant now) {
        return end(handle, id, result, now, List.of("WAITING"));
    }

    private boolean end(Handle handle, UUID id, ActionResult result, Instant now, List<String> states) {
        return handle.createUpdate(END)
                        .bind("id", id)
                        .bind("status", result.status())
                        .bind("answer", encryption.seal(result.body()))
                        .bind("now", Timestamp.from(now))
                        .bindArray("states", String.class, states)
                        .execute()
                > 0;
    }

    Optional<Known> find(Handle handle, long environment, UUID id, Instant since) {
        return handle.createQuery(FIND)
                .bind("id", id)
                .bind("environment", environment)
                .bind("since", Timestamp.from(since))
                .map((row, _) -> new Known(
                        row.getString("state").equals("DONE")
                                ? Optional.of(
                                        new ActionResult(row.getInt("status"), encryption.open(row.getBytes("answer"))))
                                : Optional.empty()))
                .findOne();
    }

    static int removeFinished(Handle handle, Instant before, int limit) {
        return handle.createUpdate(REMOVE)
                .bind("before", Timestamp.from(before))
                .bind("limit", limit)
                .execute();
    }
}
