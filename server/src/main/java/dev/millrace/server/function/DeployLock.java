package dev.millrace.server.function;

import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.http.Failure;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;

/**
 * Changes of what is deployed in an environment, one after the other: each is a transaction of its own, on whichever
 * process of a cluster. Afterwards versions beyond those to be kept are forgotten. Thread-safe.
 */
final class DeployLock {
    private static final String TRY = "SELECT pg_try_advisory_xact_lock(7236012, :environment::int)";
    private static final String WAIT = "SELECT pg_advisory_xact_lock(7236012, ?::int)";

    private final Database db;
    private final EnvironmentSettings settings;
    private final Versions versions;
    private final CodeStore code;
    private final DeployHooks hooks;

    DeployLock(Database db, EnvironmentSettings settings, Versions versions, CodeStore code, DeployHooks hooks) {
        this.db = db;
        this.settings = settings;
        this.versions = versions;
        this.code = code;
        this.hooks = hooks;
    }

    /** A change within its transaction; answers the versions it put in service. */
    interface Change {
        List<Function> apply(Handle handle);
    }

    /** Does a change that puts functions in service; fails with 409 when another one is under way. */
    List<Function> only(long environment, Change change) {
        return commit(environment, handle -> {
            alone(handle, environment);
            return change.apply(handle);
        });
    }

    /** Takes the lock until the end of the transaction; fails when somebody else has it. */
    static void alone(Handle handle, long environment) {
        boolean alone = handle.createQuery(TRY)
                .bind("environment", environment)
                .mapTo(Boolean.class)
                .one();
        if (!alone) {
            throw new Failure.Typed(
                    409,
                    "concurrent_deployment",
                    "Another deploy of this environment is under way. Try again when it is done.");
        }
    }

    /** The same, but waits for the one under way. */
    List<Function> take(long environment, Change change) {
        return commit(environment, handle -> {
            handle.execute(WAIT, environment);
            return change.apply(handle);
        });
    }

    private List<Function> commit(long environment, Change change) {
        int keep = settings.get(environment).functionVersions();
        var forgotten = new AtomicInteger();
        var inService = db.inTransaction(handle -> {
            var changed = change.apply(handle);
            changed.forEach(f -> forgotten.addAndGet(versions.prune(handle, f, keep)));
            return changed;
        });
        if (forgotten.get() > 0) {
            code.removeUnused();
        }
        hooks.committed();
        return inService;
    }
}
