package dev.millrace.server.action;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The idempotent_call table. All its times are the database's, so that processes need not agree on the time. */
final class IdempotencyStore {
    // Taken from whoever used the key so long ago that it is free again.
    private static final Sql CLAIM = Sql.of("""
            INSERT INTO idempotent_call AS c (environment_id, key, id, request, node, process, beat_at, created_at)
            VALUES (:environment, :key, :id, :request, :node, :process, now(), now())
            ON CONFLICT (environment_id, key) DO UPDATE
               SET id = excluded.id, request = excluded.request, node = excluded.node, process = excluded.process,
                   beat_at = excluded.beat_at, created_at = excluded.created_at, status = NULL, answer = NULL
             WHERE c.created_at < now() - interval '24 hours'
               AND (c.status IS NOT NULL OR c.beat_at < now() - interval '20 seconds')
            RETURNING id
            """);
    private static final Sql FIND = Sql.of("""
            SELECT id, request, status, answer, beat_at < now() - interval '20 seconds' AS silent
              FROM idempotent_call
             WHERE environment_id = :environment AND key = :key
            """);
    private static final Sql FINISH = Sql.of("""
            UPDATE idempotent_call
               SET status = :status, answer = :answer
             WHERE environment_id = :environment AND key = :key AND id = :id
            """);
    private static final Sql RELEASE = Sql.of("""
            DELETE FROM idempotent_call
             WHERE environment_id = :environment AND key = :key AND id = :id AND status IS NULL
            """);
    private static final Sql GIVE_UP = Sql.of("""
            UPDATE idempotent_call
               SET status = :status, answer = :answer
             WHERE environment_id = :environment AND key = :key AND id = :id AND status IS NULL
               AND beat_at < now() - interval '20 seconds'
            """);
    private static final Sql BEAT = Sql.of("""
            UPDATE idempotent_call SET beat_at = now() WHERE node = :node AND process = :process AND status IS NULL
            """);
    private static final String ABANDONED = """
            SELECT environment_id, key, id
              FROM idempotent_call
             WHERE node = :node AND process <> :process AND status IS NULL
            """;
    private static final String REMOVE = """
            DELETE FROM idempotent_call
             WHERE (environment_id, key) IN (
                   SELECT environment_id, key
                     FROM idempotent_call
                    WHERE created_at < now() - interval '24 hours'
                      AND (status IS NOT NULL OR beat_at < now() - interval '20 seconds')
                    ORDER BY created_at
                    LIMIT :limit
                      FOR UPDATE SKIP LOCKED)
            """;

    static final List<SealedColumn> SEALED = List.of(new SealedColumn(
            "idempotent_call",
            "answer",
            List.of(new SealedColumn.Part("environment_id", "bigint"), new SealedColumn.Part("key", "text"))));

    private final Database db;
    private final Encryption encryption;
    private final String node;
    private final UUID process = UUID.randomUUID();

    IdempotencyStore(Database db, Encryption encryption, String node) {
        this.db = db;
        this.encryption = encryption;
        this.node = node;
    }

    /** One use of a key. */
    record Claim(long environment, String key, UUID id) {}

    /**
     * What a key stands for.
     *
     * @param request what was asked for
     * @param result empty while it is under way
     * @param silent whether nothing was heard for long of the process that executes it
     */
    record Found(UUID id, byte[] request, Optional<ActionResult> result, boolean silent) {}

    /** False when the key is in use. */
    boolean claim(Claim claim, byte[] request) {
        return db.first(
                        CLAIM,
                        p -> bind(p, claim)
                                .set("request", request)
                                .set("node", node)
                                .set("process", process),
                        _ -> true)
                .isPresent();
    }

    Optional<Found> find(Claim claim) {
        return db.first(
                FIND,
                p -> p.set("environment", claim.environment()).set("key", claim.key()),
                row -> new Found(
                        row.getObject("id", UUID.class),
                        row.getBytes("request"),
                        result(row.getInt("status"), row.getBytes("answer")),
                        row.getBoolean("silent")));
    }

    private Optional<ActionResult> result(int status, byte @Nullable [] answer) {
        return answer == null ? Optional.empty() : Optional.of(new ActionResult(status, encryption.open(answer)));
    }

    /** The late truth takes the place of what others concluded from a silence. */
    void finish(Claim claim, ActionResult result) {
        db.update(FINISH, p -> answer(bind(p, claim), result));
    }

    /** The same, in the transaction of what the result tells. */
    void finish(Handle handle, Claim claim, ActionResult result) {
        FINISH.update(handle, p -> answer(bind(p, claim), result));
    }

    /** Nothing was executed: the key is as good as new. */
    void release(Claim claim) {
        db.update(RELEASE, p -> bind(p, claim));
    }

    /** The result of a call whose process is gone. */
    void giveUp(Claim claim, ActionResult result) {
        db.update(GIVE_UP, p -> answer(bind(p, claim), result));
    }

    void beat() {
        db.update(BEAT, p -> p.set("node", node).set("process", process));
    }

    /** What an earlier life of this process left under way. */
    List<Claim> abandoned() {
        return db.withHandle(handle -> handle.createQuery(ABANDONED)
                .bind("node", node)
                .bind("process", process)
                .map((row, _) ->
                        new Claim(row.getLong("environment_id"), row.getString("key"), row.getObject("id", UUID.class)))
                .list());
    }

    static int removeOld(Handle handle, int limit) {
        return handle.createUpdate(REMOVE).bind("limit", limit).execute();
    }

    private static Sql.Parameters bind(Sql.Parameters p, Claim claim) throws java.sql.SQLException {
        return p.set("environment", claim.environment()).set("key", claim.key()).set("id", claim.id());
    }

    private void answer(Sql.Parameters p, ActionResult result) throws java.sql.SQLException {
        p.set("status", result.status()).set("answer", encryption.seal(result.body()));
    }
}
