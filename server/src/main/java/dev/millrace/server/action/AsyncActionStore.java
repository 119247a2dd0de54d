package dev.millrace.server.action;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.run.ActionCall;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table {@code async_action}. */
final class AsyncActionStore {
    private static final String ADD = """
            INSERT INTO async_action (id, environment_id, connection_id, integration, connection, action, input, state,
                   attempt, retries, waits_since)
            VALUES (:id, :environment, :connectionId, :integration, :connection, :action, :input, 'WAITING', 1, :retries,
                   :now)
            """;
    private static final String WAITING = """
            SELECT count(*)
              FROM (SELECT FROM async_action WHERE environment_id = :environment AND state <> 'DONE' LIMIT :limit) AS unfinished
            """;
    private static final String FIRST = """
            SELECT id, environment_id, connection_id, integration, connection, action, input, state, attempt, retries,
                   waits_since
              FROM async_action
             WHERE environment_id = :environment AND state <> 'DONE'
             ORDER BY place
             LIMIT 1
               FOR UPDATE
            """;
    private static final String START = "UPDATE async_action SET state = 'RUNNING' WHERE id = :id";
    private static final String AGAIN = """
            UPDATE async_action
               SET state = 'WAITING', attempt = attempt + 1, retries = retries - 1, waits_since = :now
             WHERE id = :id AND attempt = :attempt AND state <> 'DONE'
            """;
    private static final String END = """
            UPDATE async_action
               SET state = 'DONE', finished_at = :now, status = :status, answer = :answer, input = NULL
             WHERE id = :id AND attempt = :attempt AND state <> 'DONE'
            """;
    private static final String RESULT = """
            SELECT status, answer
              FROM async_action
             WHERE id = :id AND environment_id = :environment AND state = 'DONE' AND finished_at > :since
            """;
    private static final String OF_CONNECTIONS =
            "SELECT DISTINCT connection_id FROM async_action WHERE connection_id = ANY (:connections)";
    private static final String REMOVE = """
            DELETE FROM async_action
             WHERE id IN (SELECT id
                            FROM async_action
                           WHERE state = 'DONE' AND finished_at < :before
                           ORDER BY finished_at
                           LIMIT :limit)
            """;

    private static final List<SealedColumn.Part> KEY = List.of(new SealedColumn.Part("id", "uuid"));

    static final List<SealedColumn> SEALED =
            List.of(new SealedColumn("async_action", "input", KEY), new SealedColumn("async_action", "answer", KEY));

    private final Encryption encryption;

    AsyncActionStore(Encryption encryption) {
        this.encryption = encryption;
    }

    /**
     * The attempt that is running or next.
     *
     * @param running whether a server has started it
     * @param retries how many may follow it
     */
    record Attempt(
            UUID id, ActionCall call, long connection, boolean running, int number, int retries, Instant waitsSince) {}

    void add(Handle handle, UUID id, ActionCall call, long connection, int retries, Instant now) {
        handle.createUpdate(ADD)
                .bind("id", id)
                .bind("environment", call.environment())
                .bind("connectionId", connection)
                .bind("integration", call.integration())
                .bind("connection", call.connectionId())
                .bind("action", call.action())
                .bind("input", call.input().map(encryption::seal).orElse(null))
                .bind("retries", retries)
                .bind("now", Timestamp.from(now))
                .execute();
    }

    /** How many have no result yet. Counts up to the limit only. */
    int waiting(Handle handle, long environment, int limit) {
        return handle.createQuery(WAITING)
                .bind("environment", environment)
                .bind("limit", limit)
                .mapTo(Integer.class)
                .one();
    }

    /** Locks and returns the first one in the queue. */
    Optional<Attempt> first(Handle handle, long environment) {
        return handle.createQuery(FIRST)
                .bind("environment", environment)
                .map((row, _) -> new Attempt(
                        row.getObject("id", UUID.class),
                        new ActionCall(
                                row.getLong("environment_id"),
                                row.getString("integration"),
                                row.getString("connection"),
                                row.getString("action"),
                                input(row.getBytes("input"))),
                        row.getLong("connection_id"),
                        row.getString("state").equals("RUNNING"),
                        row.getInt("attempt"),
                        row.getInt("retries"),
                        row.getTimestamp("waits_since").toInstant()))
                .findOne();
    }

    private Optional<String> input(byte @Nullable [] sealed) {
        return Optional.ofNullable(sealed).map(encryption::openText);
    }

    void start(Handle handle, Attempt attempt) {
        handle.createUpdate(START).bind("id", attempt.id()).execute();
    }

    void again(Handle handle, Attempt attempt, Instant now) {
        handle.createUpdate(AGAIN)
                .bind("id", attempt.id())
                .bind("attempt", attempt.number())
                .bind("now", Timestamp.from(now))
                .execute();
    }

    /** False when the attempt has been recorded as lost. */
    boolean end(Handle handle, Attempt attempt, ActionResult result, Instant now) {
        return handle.createUpdate(END)
                        .bind("id", attempt.id())
                        .bind("attempt", attempt.number())
                        .bind("status", result.status())
                        .bind("answer", encryption.seal(result.body()))
                        .bind("now", Timestamp.from(now))
                        .execute()
                > 0;
    }

    Optional<ActionResult> result(Handle handle, long environment, UUID id, Instant since) {
        return handle.createQuery(RESULT)
                .bind("id", id)
                .bind("environment", environment)
                .bind("since", Timestamp.from(since))
                .map((row, _) -> new ActionResult(row.getInt("status"), encryption.open(row.getBytes("answer"))))
                .findOne();
    }

    static Set<Long> keeping(Handle handle, Collection<Long> connections) {
        return handle.createQuery(OF_CONNECTIONS)
                .bindArray("connections", Long.class, connections)
                .mapTo(Long.class)
                .set();
    }

    static int removeFinished(Handle handle, Instant before, int limit) {
        return handle.createUpdate(REMOVE)
                .bind("before", Timestamp.from(before))
                .bind("limit", limit)
                .execute();
    }
}
