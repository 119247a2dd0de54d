package dev.millrace.server.function;

import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.http.Failure;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;

/**
 * Serialises changes of an environment's deployed functions, in the whole cluster. Each change is a transaction.
 * Afterwards surplus versions are deleted. Thread-safe.
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

    /** A change within its transaction; returns the versions that it has activated. */
    interface Change {
        List<Function> apply(Handle handle);
    }

    /** Executes a change that activates functions; fails with 409 when another change is running. */
    List<Function> only(long environment, Change change) {
        return commit(environment, handle -> {
            alone(handle, environment);
            return change.apply(handle);
        });
    }

    /** Takes the lock until the end of the transaction; fails when it is held. */
    static void alone(Handle handle, long environment) {
        boolean alone = handle.createQuery(TRY)
                .bind("environment", environment)
                .mapTo(Boolean.class)
                .one();
        if (!alone) {
            throw new Failure.Typed(
                    409,
                    "concurrent_deployment",
                    "Another deploy of this environment is running. Try again when it is done.");
        }
    }

    /** The same, but waits until the lock is free. */
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
