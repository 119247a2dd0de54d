package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.db.Database;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Kind;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Entry point for syncs: creates, lists and removes the syncs of a connection. Thread-safe. */
public final class Syncs {
    private final SyncStore store;
    private final Schedule schedule;
    private final Runs runs;
    private final Configurations configurations;
    private final RecordPurge purge;
    private final Clock clock;

    public Syncs(
            Database db, Schedule schedule, Runs runs, Configurations configurations, RecordPurge purge, Clock clock) {
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.runs = runs;
        this.configurations = configurations;
        this.purge = purge;
        this.clock = clock;
    }

    List<Sync> ofConnection(Handle handle, Connection connection) {
        return store.ofConnection(handle, connection.id());
    }

    List<Sync> ofIntegration(long integration) {
        return store.ofIntegration(integration);
    }

    List<Sync> ofIntegration(Handle handle, long integration) {
        return store.ofIntegration(handle, integration);
    }

    /** The base sync of a connection that has a name. */
    public record Base(UUID id, long connection, String name) {}

    /** The base syncs with these names of these connections. */
    public List<Base> bases(Collection<Long> connections, Collection<String> names) {
        return store.bases(connections, names);
    }

    /** When the last successful run of a sync began; empty before, and for a sync that was deleted. */
    public Optional<Instant> lastSyncDate(UUID id) {
        return store.find(id).flatMap(Sync::lastSyncDate);
    }

    /** Whether a sync was deleted. */
    public boolean isDeleted(UUID id) {
        return store.find(id).filter(sync -> sync.state() != Sync.State.DELETED).isEmpty();
    }

    /** Whether a sync was deleted. Nobody does so until the transaction ends. */
    public boolean isDeleted(Handle handle, UUID id) {
        return store.isDeleted(handle, id);
    }

    /**
     * Creates the base syncs that a connection lacks, one for each deployed sync function. Those that start
     * automatically run first at {@code firstRun}.
     */
    void connected(Handle handle, Connection connection, List<Function> deployed, Instant firstRun) {
        deployed.stream()
                .filter(f -> f.kind() == Kind.SYNC && f.enabled())
                .forEach(f -> create(handle, f, connection.id(), SyncName.BASE, firstRun));
    }

    /** Moves a first run that waits for the connection's event functions to now. */
    void release(Connection connection) {
        for (var sync : store.ofConnection(connection.id())) {
            store.change(sync.id(), (handle, locked) -> {
                if (locked.state() != Sync.State.STARTED
                        || locked.lastSyncDate().isPresent()) {
                    return locked;
                }
                schedule.at(handle, SyncRuns.TASK, sync.id().toString(), clock.instant());
                return locked.with(locked.state(), Optional.of(clock.instant()));
            });
        }
        schedule.wake();
    }

    /** The provider refused the credentials: pauses syncs until the credentials work again. */
    void credentialsFailed(Handle handle, long connection) {
        for (var sync : store.ofConnection(handle, connection)) {
            store.lock(handle, sync.id())
                    .filter(locked -> locked.state() == Sync.State.STARTED)
                    .ifPresent(locked -> {
                        schedule.drop(handle, SyncRuns.TASK, sync.id().toString());
                        store.save(handle, locked.paused(Sync.PausedBy.CREDENTIALS));
                    });
        }
    }

    /**
     * The credentials work again: syncs that were paused because of them run now; syncs paused by a user stay paused.
     */
    void credentialsRecovered(Handle handle, long connection) {
        for (var sync : store.ofConnection(handle, connection)) {
            store.lock(handle, sync.id())
                    .filter(locked -> locked.pausedBy()
                            .filter(Sync.PausedBy.CREDENTIALS::equals)
                            .isPresent())
                    .ifPresent(locked -> {
                        schedule.at(handle, SyncRuns.TASK, sync.id().toString(), clock.instant());
                        store.save(handle, locked.with(Sync.State.STARTED, Optional.of(clock.instant())));
                    });
        }
    }

    /** The connections whose credentials have recovered and whose syncs are still paused for them. */
    List<Long> recovered() {
        return store.recovered();
    }

    /** Creates a sync of a function; empty when the connection has one with that variant. */
    Optional<Sync> create(Handle handle, Function function, long connection, String variant, Instant firstRun) {
        boolean waits = configurations.waits(function);
        boolean starts = function.autoStart() || (waits && configurations.complete(handle, function, connection));
        var plan = new Sync.Plan(
                starts ? Sync.State.STARTED : Sync.State.PAUSED,
                waits && !starts ? Optional.of(Sync.PausedBy.CONFIGURATION) : Optional.empty(),
                starts ? Optional.of(firstRun) : Optional.empty());
        var sync = new Sync(
                new Sync.Identity(
                        UUID.randomUUID(),
                        function.environmentId(),
                        connection,
                        new SyncName(function.name(), variant)),
                new Sync.Recurrence(Optional.empty(), Sync.interval(function), clock.instant()),
                plan,
                Sync.Asked.NOTHING,
                Optional.empty());
        if (!store.create(handle, sync)) {
            return Optional.empty();
        }
        if (starts) {
            schedule.at(handle, SyncRuns.TASK, sync.id().toString(), firstRun);
        }
        return Optional.of(sync);
    }

    /** Ends all syncs of a connection and deletes its records, in the transaction that deletes it. */
    void connectionDeleted(Handle handle, Connection connection) {
        store.ofConnection(handle, connection.id()).forEach(s -> delete(handle, s));
        purge.connectionDeleted(handle, connection.id());
    }

    /** Ends a sync and removes the records of its models, in the caller's transaction. */
    void remove(Handle handle, Sync sync, List<String> models) {
        delete(handle, sync);
        purge.syncDeleted(handle, sync, models);
    }

    private void delete(Handle handle, Sync sync) {
        store.lock(handle, sync.id()).ifPresent(locked -> {
            schedule.drop(handle, SyncRuns.TASK, sync.id().toString());
            store.save(handle, locked.with(Sync.State.DELETED, Optional.empty()));
            runs.cancelAll(handle, sync.id());
        });
    }
}
