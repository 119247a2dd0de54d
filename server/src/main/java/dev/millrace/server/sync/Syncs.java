package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Failure;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.log.Logs;
import dev.millrace.server.record.Records;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.schema.MetadataSchemas;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Entry point for syncs: creates, lists and removes the syncs of a connection. Thread-safe. */
public final class Syncs {
    // Metadata that were written while a deploy was committed may have missed its new syncs, so these are checked
    // again.
    private static final String REVIEW = "review-configurations";
    private static final Duration REVIEW_AFTER = Duration.ofSeconds(5);
    private static final int MOST_VARIANTS = 100;

    private final Database db;
    private final SyncStore store;
    private final Schedule schedule;
    private final Runs runs;
    private final SyncCommands commands;
    private final Configurations configurations;
    private final RecordPurge purge;
    private final SyncFinder finder;
    private final Functions functions;
    private final Clock clock;

    public Syncs(
            Database db,
            Schedule schedule,
            Runs runs,
            Records records,
            Connections connections,
            Integrations integrations,
            Environments environments,
            Functions functions,
            EnvironmentSettings settings,
            MetadataSchemas schemas,
            StoredMetadata metadata,
            Logs logs,
            Clock clock) {
        this.db = db;
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.finder = new SyncFinder(store, connections, integrations);
        this.functions = functions;
        this.clock = clock;
        this.runs = runs;
        this.commands = new SyncCommands(store, schedule, runs, finder, functions, clock);
        this.configurations = new Configurations(store, schedule, runs, schemas, metadata, settings, logs, clock);
        this.purge = new RecordPurge(db, store, schedule, runs, records, clock);
        var syncRuns =
                new SyncRuns(db, store, schedule, runs, records, connections, environments, functions, settings, clock);
        schedule.handle(SyncRuns.TASK, syncRuns::run);
        schedule.handle(REVIEW, this::review);
    }

    /** Hooks for the package that stores metadata. */
    public Configurations configurations() {
        return configurations;
    }

    /** The commands to syncs. */
    SyncCommands commands() {
        return commands;
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

    /** Resumes syncs whose recovery was not reported. */
    List<Long> recovered() {
        return store.recovered();
    }

    /** Creates a sync of a function; empty when the connection has one with that variant. */
    private Optional<Sync> create(Handle handle, Function function, long connection, String variant, Instant firstRun) {
        boolean waits = configurations.waits(function);
        boolean starts = function.autoStart() || (waits && configurations.complete(handle, function, connection));
        var sync = new Sync(
                UUID.randomUUID(),
                function.environmentId(),
                connection,
                function.name(),
                variant,
                Optional.empty(),
                starts ? Sync.State.STARTED : Sync.State.PAUSED,
                waits && !starts ? Optional.of(Sync.PausedBy.CONFIGURATION) : Optional.empty(),
                Sync.interval(function),
                clock.instant(),
                starts ? Optional.of(firstRun) : Optional.empty(),
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

    /** Applies a deploy: new syncs on all connections, changed frequencies, deleted syncs. */
    void deployed(Handle handle, List<Function> inService, List<Function> removed) {
        for (var function : inService) {
            if (function.kind() == Kind.SYNC && function.enabled()) {
                store.connectionsWithout(handle, function.integrationId(), function.name())
                        .forEach(connection -> create(handle, function, connection, SyncName.BASE, clock.instant()));
                store.ofFunction(handle, function.integrationId(), function.name()).stream()
                        .filter(s -> s.frequency().isEmpty() && !s.interval().equals(Sync.interval(function)))
                        .forEach(s -> retime(handle, s, Sync.interval(function)));
                if (configurations.waits(function)) {
                    review(handle, function);
                    var later = clock.instant().plus(REVIEW_AFTER);
                    schedule.at(handle, REVIEW, String.valueOf(function.integrationId()), later);
                }
            }
        }
        for (var function : removed) {
            if (function.kind() == Kind.SYNC) {
                store.ofFunction(handle, function.integrationId(), function.name())
                        .forEach(s -> {
                            delete(handle, s);
                            purge.syncDeleted(handle, s, function.models());
                        });
            }
        }
    }

    /** After the transaction of a deploy. */
    void deployed() {
        configurations.deployed();
        schedule.wake();
    }

    private void review(Handle handle, Function function) {
        for (var sync : store.ofFunction(handle, function.integrationId(), function.name())) {
            configurations.review(handle, function, sync.id(), sync.connectionId());
        }
    }

    private void review(Schedule.Claim claim) {
        for (var function : functions.ofIntegration(Long.parseLong(claim.id()))) {
            if (function.kind() == Kind.SYNC && function.enabled() && configurations.waits(function)) {
                db.useTransaction(handle -> review(handle, function));
            }
        }
        db.useTransaction(handle -> schedule.finish(handle, claim));
    }

    private void retime(Handle handle, Sync sync, Duration interval) {
        store.lock(handle, sync.id()).ifPresent(locked -> {
            var changed = locked.every(interval, locked.nextRunAt());
            if (locked.state() == Sync.State.STARTED) {
                var next = changed.nextSlot(clock.instant());
                schedule.at(handle, SyncRuns.TASK, sync.id().toString(), next);
                changed = locked.every(interval, Optional.of(next));
            }
            store.save(handle, changed);
        });
    }

    /** Ends all syncs of a connection and deletes its records, in the transaction that deletes it. */
    void connectionDeleted(Handle handle, Connection connection) {
        store.ofConnection(handle, connection.id()).forEach(s -> delete(handle, s));
        purge.connectionDeleted(handle, connection.id());
    }

    /** Creates a further variant of an existing sync. */
    Sync createVariant(Connection connection, SyncName name) {
        var function = functions
                .find(connection.integrationId(), Kind.SYNC, name.name())
                .filter(Function::enabled)
                .orElseThrow(() -> new Failure.Plain(400, "unknown_sync", null));
        var base = finder.find(connection, new SyncName(name.name(), SyncName.BASE))
                .orElseThrow(() -> new Failure.Plain(400, "unknown_sync", null));
        var created = db.inTransaction(handle -> {
            // The lock serialises callers, so that they cannot exceed the limit together.
            store.lock(handle, base.id());
            var sync = create(handle, function, connection.id(), name.variant(), clock.instant())
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
    boolean deleteVariant(Connection connection, SyncName name) {
        var found = finder.find(connection, name);
        var models = functions
                .find(connection.integrationId(), Kind.SYNC, name.name())
                .map(Function::models)
                .orElse(List.of());
        found.ifPresent(sync -> db.useTransaction(handle -> {
            delete(handle, sync);
            purge.syncDeleted(handle, sync, models);
        }));
        schedule.wake();
        return found.isPresent();
    }

    private void delete(Handle handle, Sync sync) {
        store.lock(handle, sync.id()).ifPresent(locked -> {
            schedule.drop(handle, SyncRuns.TASK, sync.id().toString());
            store.save(handle, locked.with(Sync.State.DELETED, Optional.empty()));
            runs.cancel(handle, sync.id());
        });
    }
}
