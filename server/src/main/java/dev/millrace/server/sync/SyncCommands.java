package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.function.Frequency;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Failure;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Commands to syncs: run now, start, pause, change the frequency. Thread-safe. */
public final class SyncCommands {
    private final SyncStore store;
    private final Schedule schedule;
    private final Runs runs;
    private final SyncFinder finder;
    private final Functions functions;
    private final Clock clock;

    public SyncCommands(
            Database db,
            Schedule schedule,
            Runs runs,
            Connections connections,
            Integrations integrations,
            Functions functions,
            Clock clock) {
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.runs = runs;
        this.finder = new SyncFinder(store, connections, integrations);
        this.functions = functions;
        this.clock = clock;
    }

    /**
     * Options of a triggered run.
     *
     * @param emptyCache has no effect without {@code reset}
     * @param confirmDeletes whether it may delete more than the delete guard allows
     */
    public record Options(boolean reset, boolean emptyCache, boolean confirmDeletes) {
        Sync.Asked added(Sync.Asked before, boolean again) {
            return new Sync.Asked(
                    again,
                    reset || before.reset(),
                    (reset && emptyCache) || before.emptyCache(),
                    confirmDeletes || before.confirmDeletes());
        }
    }

    /** Runs syncs once now; if one is running, another run follows. */
    public void trigger(
            long environment, String integration, Optional<String> connection, List<SyncName> names, Options options) {
        for (var sync : finder.find(environment, integration, connection, names)) {
            store.change(sync.id(), (handle, locked) -> {
                boolean waits = schedule.at(handle, SyncRuns.TASK, sync.id().toString(), clock.instant());
                if (options.reset()) {
                    runs.cancel(handle, sync.id());
                }
                return locked.asked(options.added(locked.asked(), !waits));
            });
        }
        schedule.wake();
    }

    /** Starts paused syncs; the first run begins now. */
    public void start(long environment, String integration, Optional<String> connection, List<SyncName> names) {
        for (var sync : finder.find(environment, integration, connection, names)) {
            store.change(sync.id(), (handle, locked) -> {
                if (locked.state() != Sync.State.PAUSED) {
                    return locked;
                }
                schedule.at(handle, SyncRuns.TASK, sync.id().toString(), clock.instant());
                return locked.with(Sync.State.STARTED, Optional.of(clock.instant()));
            });
        }
        schedule.wake();
    }

    /** Pauses syncs: no further runs start; a current run ends normally. */
    public void pause(long environment, String integration, Optional<String> connection, List<SyncName> names) {
        for (var sync : finder.find(environment, integration, connection, names)) {
            store.change(sync.id(), (handle, locked) -> {
                schedule.drop(handle, SyncRuns.TASK, sync.id().toString());
                return locked.paused(Sync.PausedBy.USER);
            });
        }
    }

    /** Sets the frequency of one connection's sync, or resets it to that of the function. */
    String setFrequency(Connection connection, SyncName name, Optional<String> given, Optional<Frequency> frequency) {
        var sync = store.find(connection.id(), name).orElseThrow(() -> new Failure.Plain(400, "unknown_sync", null));
        var function = functions.find(connection.integrationId(), Kind.SYNC, name.name());
        var interval = frequency
                .map(Frequency::interval)
                .orElseGet(() -> function.map(Sync::interval).orElse(sync.interval()));
        store.change(sync.id(), (handle, locked) -> {
            store.frequency(handle, sync.id(), given);
            var changed = locked.every(interval, locked.nextRunAt());
            if (locked.state() != Sync.State.STARTED) {
                return changed;
            }
            var next = changed.nextSlot(clock.instant());
            schedule.at(handle, SyncRuns.TASK, sync.id().toString(), next);
            return locked.every(interval, Optional.of(next));
        });
        return frequency
                .map(Frequency::text)
                .or(() -> function.flatMap(Function::runs))
                .orElse("");
    }
}
