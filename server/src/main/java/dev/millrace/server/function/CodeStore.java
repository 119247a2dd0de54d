package dev.millrace.server.function;

import dev.millrace.server.db.Database;
import org.jdbi.v3.core.Handle;

/** Stores code once for all versions that share it, and deletes code that no version needs. Thread-safe. */
final class CodeStore {
    private static final String ADD =
            "INSERT INTO function_code (hash, js, ts) VALUES (:hash, :js, :ts) ON CONFLICT DO NOTHING";
    // A transaction that adds code holds this lock until its version is committed, so that the code is not deleted in
    // between.
    private static final String ADDING = "SELECT pg_advisory_xact_lock_shared(7236013, 0)";
    private static final String REMOVING = "SELECT pg_advisory_xact_lock(7236013, 0)";
    private static final String REMOVE_UNUSED = """
            DELETE FROM function_code c
             WHERE NOT EXISTS (SELECT FROM function f WHERE f.code_hash = c.hash)
            """;

    private final Database db;

    CodeStore(Database db) {
        this.db = db;
    }

    /** Stores code in the transaction that stores its version; returns its hash. */
    String add(Handle handle, String js, String ts) {
        var hash = CodeHash.of(js, ts);
        handle.execute(ADDING);
        handle.createUpdate(ADD)
                .bind("hash", hash)
                .bind("js", js)
                .bind("ts", ts)
                .execute();
        return hash;
    }

    /** Deletes unused code, in a transaction of its own. */
    void removeUnused() {
        db.useTransaction(handle -> {
            handle.execute(REMOVING);
            handle.createUpdate(REMOVE_UNUSED).execute();
        });
    }
}
