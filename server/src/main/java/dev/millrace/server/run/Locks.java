package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Database;
import java.time.Duration;

/** Locks between functions of one environment. Thread-safe. */
final class Locks {
    private static final String ACQUIRE = """
            INSERT INTO function_lock AS l (environment_id, key, owner, expires_at)
            VALUES (:environment, :key, :owner, now() + :ttl * interval '1 millisecond')
            ON CONFLICT (environment_id, key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
             WHERE l.owner = excluded.owner OR l.expires_at <= now()
            """;
    private static final String RELEASE =
            "DELETE FROM function_lock WHERE environment_id = :environment AND key = :key AND owner = :owner";
    private static final String RELEASE_ALL = "DELETE FROM function_lock WHERE owner = :owner";

    private final Database db;

    Locks(Database db) {
        this.db = db;
    }

    /** Also extends a lock that the owner holds already. */
    boolean acquire(long environment, String key, String owner, Duration ttl) {
        return db.inTransaction(handle -> {
            RunLease.check(handle);
            return handle.createUpdate(ACQUIRE)
                            .bind("environment", environment)
                            .bind("key", key)
                            .bind("owner", owner)
                            .bind("ttl", ttl.toMillis())
                            .execute()
                    == 1;
        });
    }

    boolean release(long environment, String key, String owner) {
        return db.inTransaction(handle -> {
            RunLease.check(handle);
            return handle.createUpdate(RELEASE)
                            .bind("environment", environment)
                            .bind("key", key)
                            .bind("owner", owner)
                            .execute()
                    == 1;
        });
    }

    /** A takeover of the run releases its locks, so releasing one's own needs no lease check. */
    void releaseAll(String owner) {
        db.useHandle(
                handle -> handle.createUpdate(RELEASE_ALL).bind("owner", owner).execute());
    }
}
