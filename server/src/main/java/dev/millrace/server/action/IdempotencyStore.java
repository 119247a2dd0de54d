package dev.millrace.server.action;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table {@code idempotent_call}. All times are those of the database, because the clocks of servers may differ. */
final class IdempotencyStore {
    // Replaces an earlier call whose key has expired.
    private static final Sql CLAIM = Sql.of("""
            INSERT INTO idempotent_call AS c (environment_id, key, id, request, process, created_at)
            VALUES (:environment, :key, :id, :request, :process, now())
            ON CONFLICT (environment_id, key) DO UPDATE
               SET id = excluded.id, request = excluded.request, process = excluded.process,
                   created_at = excluded.created_at, status = NULL, answer = NULL
             WHERE c.created_at < now() - interval '24 hours' AND c.status IS NOT NULL
            RETURNING id
            """);
    private static final Sql FIND = Sql.of("""
            SELECT id, request, status, answer, process
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
            """);
    private static final String UNDER_WAY = """
            SELECT environment_id, key, id FROM idempotent_call WHERE process = :process AND status IS NULL
            """;
    private static final String REMOVE = """
            DELETE FROM idempotent_call
             WHERE (environment_id, key) IN (
                   SELECT environment_id, key
                     FROM idempotent_call
                    WHERE created_at < now() - interval '24 hours' AND status IS NOT NULL
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
    private final UUID process;

    /** @param process that executes the calls claimed here */
    IdempotencyStore(Database db, Encryption encryption, UUID process) {
        this.db = db;
        this.encryption = encryption;
        this.process = process;
    }

    /** One use of a key. */
    record Claim(long environment, String key, UUID id) {}

    /**
     * The call that has used a key.
     *
     * @param request what was requested
     * @param result empty while the call runs
     * @param process that executes it
     */
    record Found(UUID id, byte[] request, Optional<ActionResult> result, UUID process) {}

    /** False when the key is in use. */
    boolean claim(Claim claim, byte[] request) {
        return db.first(CLAIM, p -> bind(p, claim).set("request", request).set("process", process), _ -> true)
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
                        row.getObject("process", UUID.class)));
    }

    private Optional<ActionResult> result(int status, byte @Nullable [] answer) {
        return answer == null ? Optional.empty() : Optional.of(new ActionResult(status, encryption.open(answer)));
    }

    /** Replaces "lost", which another server has recorded while this one was silent, with the actual result. */
    void finish(Claim claim, ActionResult result) {
        db.update(FINISH, p -> answer(bind(p, claim), result));
    }

    /** The same, in the transaction that records the outcome. */
    void finish(Handle handle, Claim claim, ActionResult result) {
        FINISH.update(handle, p -> answer(bind(p, claim), result));
    }

    /** Nothing was executed, so the key can be used again. */
    void release(Claim claim) {
        db.update(RELEASE, p -> bind(p, claim));
    }

    /** Records the result "lost" for a call whose process is gone. */
    void giveUp(Claim claim, ActionResult result) {
        db.update(GIVE_UP, p -> answer(bind(p, claim), result));
    }

    /** Records the result "lost" for all calls of a process that is gone. */
    void giveUp(Handle handle, UUID of, Function<Claim, ActionResult> result) {
        handle.createQuery(UNDER_WAY)
                .bind("process", of)
                .map((row, _) ->
                        new Claim(row.getLong("environment_id"), row.getString("key"), row.getObject("id", UUID.class)))
                .list()
                .forEach(claim -> GIVE_UP.update(handle, p -> answer(bind(p, claim), result.apply(claim))));
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
