package dev.millrace.server.sync;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Outage;
import dev.millrace.server.db.OutageRetry;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.record.Records;
import dev.millrace.server.run.CancelScope;
import dev.millrace.server.run.RunHistory;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes due syncs: the handler of their tasks. */
public final class SyncRuns {
    static final String TASK = "sync";

    private static final Logger LOG = LoggerFactory.getLogger(SyncRuns.class);

    private final Database db;
    private final SyncStore store;
    private final Schedule schedule;
    private final Runs runs;
    private final Records records;
    private final Connections connections;
    private final Environments environments;
    private final Functions functions;
    private final EnvironmentSettings settings;
    private final Clock clock;
    private final OutageRetry retry = new OutageRetry();

    public SyncRuns(
            Database db,
            Schedule schedule,
            Runs runs,
            Records records,
            Connections connections,
            Environments environments,
            Functions functions,
            EnvironmentSettings settings,
            Clock clock) {
        this.db = db;
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.runs = runs;
        this.records = records;
        this.connections = connections;
        this.environments = environments;
        this.functions = functions;
        this.settings = settings;
        this.clock = clock;
    }

    /** Becomes the handler of due syncs. */
    public void begin() {
        schedule.handle(TASK, this::run);
    }

    private record Due(
            Schedule.Claim claim,
            Sync sync,
            Connection connection,
            Function function,
            boolean reset,
            Sync.Asked asked,
            OptionalLong metadataVersion) {}

    private void run(Schedule.Claim claim) throws InterruptedException {
        var id = UUID.fromString(claim.id());
        try (var scope = runs.open(id)) {
            var due = begin(id, claim);
            if (due.isPresent()) {
                run(scope, due.get());
            }
        }
    }

    private void run(CancelScope scope, Due due) {
        var started = clock.instant();
        Runs.Ended ended = null;
        try {
            ended = runs.execute(
                    scope, work(due), () -> store.emptied(due.sync().id()));
            if (ended.interrupted()) {
                ended = null;
            }
        } catch (InterruptedException _) {
            // The server stops, or a reset requires a run from the beginning. In both cases another run follows at
            // once.
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            putBack(due, e);
            throw e;
        }
        end(due, started, ended);
    }

    /** Takes the instructions for the run from the sync; empty when there is nothing to run any more. */
    private Optional<Due> begin(UUID id, Schedule.Claim claim) {
        // Read before the transaction, because a thread that holds a pooled connection must not wait for a second one.
        var found = store.find(id);
        var connection = found.flatMap(s -> connections.find(s.connectionId()));
        var function = connection
                .flatMap(c ->
                        functions.find(c.integrationId(), Kind.SYNC, found.get().name()))
                .filter(Function::enabled);
        // The version is read first, so that later changes count as changes during the run.
        var before = runs.history().left(id).stream().findFirst();
        boolean restart = found.isPresent() && before.isPresent() && outdated(found.get(), before.get());
        var version = before.map(b -> OptionalLong.of(b.metadataVersion())).orElse(OptionalLong.empty());
        return db.inTransaction(handle -> {
            var sync = store.lock(handle, id).filter(s -> s.state() != Sync.State.DELETED);
            claim.check(handle);
            runs.takeOver(handle, claim);
            if (sync.isEmpty() || connection.isEmpty() || function.isEmpty()) {
                schedule.finish(handle, claim);
                return Optional.<Due>empty();
            }
            return Optional.of(begin(handle, claim, sync.get(), connection.get(), function.get(), restart, version));
        });
    }

    /** Whether an earlier run left a checkpoint or window that belongs to older metadata. */
    private boolean outdated(Sync sync, RunHistory.Left before) {
        return before.stale()
                && restartsOnChange(sync)
                && (records.tracks(sync.connectionId(), sync.checkpointKey())
                        || (!before.succeeded()
                                && runs.checkpoints()
                                        .value(sync.connectionId(), sync.checkpointKey())
                                        .isPresent()));
    }

    private boolean restartsOnChange(Sync sync) {
        return settings.get(sync.environmentId()).metadataChangePolicy() == Settings.ChangePolicy.RESTART;
    }

    private Due begin(
            Handle handle,
            Schedule.Claim claim,
            Sync sync,
            Connection connection,
            Function function,
            boolean restart,
            OptionalLong metadataVersion) {
        var begun = scheduled(sync).asked(sync.asked().begun());
        boolean reset = sync.asked().reset() || restart;
        if (reset) {
            runs.checkpoints().reset(handle, sync.connectionId(), sync.checkpointKey());
            begun = begun.synced(Optional.empty());
        }
        store.save(handle, begun);
        return new Due(claim, begun, connection, function, reset, sync.asked(), metadataVersion);
    }

    /** During a run the sync shows the time of the run after it. */
    private Sync scheduled(Sync sync) {
        return sync.state() == Sync.State.STARTED
                ? sync.with(sync.state(), Optional.of(sync.nextSlot(clock.instant())))
                : sync;
    }

    private Work work(Due due) {
        var sync = new Work.Sync(
                due.sync().id(),
                due.sync().variant(),
                due.sync().lastSyncDate(),
                due.reset(),
                due.asked().emptyCache(),
                due.asked().confirmDeletes(),
                due.metadataVersion(),
                Optional.empty(),
                handle -> store.isUnwanted(handle, due.sync().id()));
        return new Work(
                        due.function(),
                        due.connection(),
                        environments.get(due.sync().environmentId()).name(),
                        Optional.empty(),
                        Optional.of(sync))
                .of(due.claim());
    }

    /** Instructions that the run did not carry out are given to the next one. */
    private void putBack(Due due, RuntimeException why) {
        try {
            store.change(due.sync().id(), (handle, locked) -> {
                due.claim().check(handle);
                return locked.asked(new Sync.Asked(
                        locked.asked().again(),
                        locked.asked().reset(),
                        locked.asked().emptyCache(),
                        locked.asked().confirmDeletes() || due.asked().confirmDeletes()));
            });
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    private void end(Due due, Instant started, Runs.@Nullable Ended ended) {
        try {
            retry.until(() -> end(due, started, ended, restartsOnChange(due.sync())));
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            if (Outage.behind(e).isPresent()) {
                throw e;
            }
            LOG.error(
                    "The end of a run of the sync {} could not be recorded",
                    due.sync().id(),
                    e);
            retry.insist(() -> plan(due));
        }
    }

    /** Writes only the next time of the sync, so that a run that has ended is not taken for a lost one. */
    private void plan(Due due) {
        db.useTransaction(handle -> {
            var next = store.lock(handle, due.sync().id())
                    .filter(sync -> sync.state() != Sync.State.DELETED)
                    .flatMap(sync -> next(sync, false));
            plan(handle, due, next);
        });
    }

    private void plan(Handle handle, Due due, Optional<Instant> next) {
        if (next.isPresent()) {
            schedule.again(handle, due.claim(), next.get());
        } else {
            schedule.finish(handle, due.claim());
        }
    }

    private boolean end(Due due, Instant started, Runs.@Nullable Ended ended, boolean restartsOnChange) {
        var id = due.sync().id();
        return db.inTransaction(handle -> {
            var sync = store.lock(handle, id)
                    .filter(s -> s.state() != Sync.State.DELETED)
                    .orElse(null);
            if (sync == null) {
                schedule.finish(handle, due.claim());
                return false;
            }
            boolean success = ended != null && ended.succeeded();
            if (ended != null) {
                store.outcome(handle, id, success ? Optional.empty() : Optional.of(ended.operation()), clock.instant());
            }
            boolean restart = ended != null && ended.metadataChanged() && restartsOnChange;
            boolean resumes = ended != null
                    && ended.lost()
                    && runs.history().lostInARow(handle, id, RunHistory.MOST_LOST_IN_A_ROW)
                            < RunHistory.MOST_LOST_IN_A_ROW;
            var next = next(sync, ended == null || restart || resumes);
            var asked = sync.asked();
            var date = success && !asked.reset() ? Optional.of(started) : sync.lastSyncDate();
            // The run that follows an interrupted one has the same permissions.
            boolean confirmed = asked.confirmDeletes()
                    || ((ended == null || resumes) && due.asked().confirmDeletes());
            store.save(
                    handle,
                    sync.with(sync.state(), sync.state() == Sync.State.STARTED ? next : Optional.empty())
                            .asked(new Sync.Asked(false, asked.reset() || restart, asked.emptyCache(), confirmed))
                            .synced(date));
            plan(handle, due, next);
            return true;
        });
    }

    private Optional<Instant> next(Sync sync, boolean atOnce) {
        var now = clock.instant();
        if (atOnce || sync.asked().again()) {
            return Optional.of(now);
        }
        return sync.state() == Sync.State.STARTED ? Optional.of(sync.nextSlot(now)) : Optional.empty();
    }
}
