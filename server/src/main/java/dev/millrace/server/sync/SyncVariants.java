package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.db.Database;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Failure;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.util.List;

/** Variants of syncs: further syncs of the same function on one connection. Thread-safe. */
public final class SyncVariants {
    private static final int MOST_VARIANTS = 100;

    private final Database db;
    private final SyncStore store;
    private final Schedule schedule;
    private final Functions functions;
    private final Syncs syncs;
    private final Clock clock;

    public SyncVariants(Database db, Schedule schedule, Functions functions, Syncs syncs, Clock clock) {
        this.db = db;
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.functions = functions;
        this.syncs = syncs;
        this.clock = clock;
    }

    /** Creates a further variant of an existing sync. */
    Sync create(Connection connection, SyncName name) {
        var function = functions
                .find(connection.integrationId(), Kind.SYNC, name.name())
                .filter(Function::enabled)
                .orElseThrow(() -> new Failure.Plain(400, "unknown_sync", null));
        var base = store.find(connection.id(), new SyncName(name.name(), SyncName.BASE))
                .orElseThrow(() -> new Failure.Plain(400, "unknown_sync", null));
        var created = db.inTransaction(handle -> {
            // The lock serialises callers, so that they cannot exceed the limit together.
            store.lock(handle, base.id());
            var sync = syncs.create(handle, function, connection.id(), name.variant(), clock.instant())
                    .orElseThrow(() -> new Failure.Plain(400, "sync_variant_already_exists", null));
            if (store.count(handle, connection.id(), name.name()) > MOST_VARIANTS) {
                throw Failure.plain(
                        400,
                        "resource_capped",
                        "The sync " + name.name() + " has " + MOST_VARIANTS
                                + " variants on this connection already, base included; delete one first.");
            }
            return sync;
        });
        schedule.wake();
        return created;
    }

    /** Deletes a variant with its records; false when it does not exist. */
    boolean delete(Connection connection, SyncName name) {
        var found = store.find(connection.id(), name);
        var models = functions
                .find(connection.integrationId(), Kind.SYNC, name.name())
                .map(Function::models)
                .orElse(List.of());
        found.ifPresent(sync -> db.useTransaction(handle -> syncs.remove(handle, sync, models)));
        schedule.wake();
        return found.isPresent();
    }
}
