package dev.millrace.server.sync;

import dev.millrace.server.db.Database;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Has syncs follow what is deployed: made, removed, given another frequency. Thread-safe. */
public final class DeployedSyncs {
    // Metadata that were written while a deploy was committed may have missed its new syncs, so these are checked
    // again.
    private static final String REVIEW = "review-configurations";
    private static final Duration REVIEW_AFTER = Duration.ofSeconds(5);

    private final Database db;
    private final SyncStore store;
    private final Schedule schedule;
    private final Functions functions;
    private final Syncs syncs;
    private final Configurations configurations;
    private final Clock clock;

    public DeployedSyncs(
            Database db,
            Schedule schedule,
            Functions functions,
            Syncs syncs,
            Configurations configurations,
            Clock clock) {
        this.db = db;
        this.store = new SyncStore(db);
        this.schedule = schedule;
        this.functions = functions;
        this.syncs = syncs;
        this.configurations = configurations;
        this.clock = clock;
        schedule.handle(REVIEW, this::review);
    }

    /** Applies a deploy: new syncs on all connections, changed frequencies, deleted syncs. */
    void changed(Handle handle, List<Function> inService, List<Function> removed) {
        for (var function : inService) {
            if (function.kind() == Kind.SYNC && function.enabled()) {
                store.connectionsWithout(handle, function.integrationId(), function.name())
                        .forEach(connection ->
                                syncs.create(handle, function, connection, SyncName.BASE, clock.instant()));
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
                        .forEach(s -> syncs.remove(handle, s, function.models()));
            }
        }
    }

    /** After the transaction of a deploy. */
    void committed() {
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
}
