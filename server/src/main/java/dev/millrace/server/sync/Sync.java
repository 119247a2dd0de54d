package dev.millrace.server.sync;

import dev.millrace.server.function.Frequency;
import dev.millrace.server.function.Function;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * One sync of one connection.
 *
 * @param lastSyncDate begin of the last run that succeeded
 */
record Sync(Identity identity, Recurrence recurrence, Plan plan, Asked asked, Optional<Instant> lastSyncDate) {

    /** Which sync it is: never changes. */
    record Identity(UUID id, long environmentId, long connectionId, SyncName name) {}

    /**
     * The grid of its runs.
     *
     * @param frequency this connection's own, as it was sent
     * @param startsAt anchor of the grid
     */
    record Recurrence(Optional<String> frequency, Duration interval, Instant startsAt) {
        Recurrence every(Duration newInterval) {
            return new Recurrence(frequency, newInterval, startsAt);
        }

        /** The next scheduled time after a moment; missed times are skipped. */
        Instant nextSlot(Instant after) {
            long step = interval.toMillis();
            long since = Math.max(0, after.toEpochMilli() - startsAt.toEpochMilli());
            return startsAt.plusMillis((since / step + 1) * step);
        }
    }

    /**
     * Whether it runs by itself, and when next.
     *
     * @param pausedBy empty when nobody did, or when its function does not start by itself
     */
    record Plan(State state, Optional<PausedBy> pausedBy, Optional<Instant> nextRunAt) {}

    /**
     * Instructions for the next run.
     *
     * @param again run once more after the current run
     * @param reset start from the beginning
     * @param emptyCache delete all records first; stays set until that is done, whatever happens to the run
     * @param confirmDeletes allow deletions that the delete guard would refuse
     */
    record Asked(boolean again, boolean reset, boolean emptyCache, boolean confirmDeletes) {
        static final Asked NOTHING = new Asked(false, false, false, false);

        Asked again(boolean newAgain) {
            return new Asked(newAgain, reset, emptyCache, confirmDeletes);
        }

        /** The instructions that remain once a run has begun. */
        Asked begun() {
            return new Asked(false, false, emptyCache, false);
        }
    }

    /** Who paused a sync, which determines who may start it again. */
    enum PausedBy {
        USER,
        CONFIGURATION,
        /** The connection has to be reconnected. */
        CREDENTIALS
    }

    enum State {
        STARTED,
        PAUSED,
        DELETED
    }

    UUID id() {
        return identity.id();
    }

    long environmentId() {
        return identity.environmentId();
    }

    long connectionId() {
        return identity.connectionId();
    }

    String name() {
        return identity.name().name();
    }

    String variant() {
        return identity.name().variant();
    }

    Optional<String> frequency() {
        return recurrence.frequency();
    }

    Duration interval() {
        return recurrence.interval();
    }

    State state() {
        return plan.state();
    }

    Optional<PausedBy> pausedBy() {
        return plan.pausedBy();
    }

    Optional<Instant> nextRunAt() {
        return plan.nextRunAt();
    }

    Instant nextSlot(Instant after) {
        return recurrence.nextSlot(after);
    }

    boolean isNamed(SyncName other) {
        return identity.name().equals(other);
    }

    String checkpointKey() {
        return "sync:" + name() + ":" + variant();
    }

    /** The state after a command or a run; all other fields are unchanged. */
    Sync with(State state, Optional<Instant> next) {
        return with(new Plan(state, state == State.PAUSED ? pausedBy() : Optional.empty(), next));
    }

    /** No further runs until the one that paused it, or a user, starts it. */
    Sync paused(PausedBy by) {
        return with(new Plan(State.PAUSED, Optional.of(by), Optional.empty()));
    }

    private Sync with(Plan newPlan) {
        return new Sync(identity, recurrence, newPlan, asked, lastSyncDate);
    }

    Sync every(Duration interval, Optional<Instant> next) {
        return new Sync(identity, recurrence.every(interval), new Plan(state(), pausedBy(), next), asked, lastSyncDate);
    }

    Sync asked(Asked newAsked) {
        return new Sync(identity, recurrence, plan, newAsked, lastSyncDate);
    }

    Sync synced(Optional<Instant> date) {
        return new Sync(identity, recurrence, plan, asked, date);
    }

    /** How often a sync of a function runs, unless it has a frequency of its own. */
    static Duration interval(Function function) {
        return function.runs()
                .flatMap(Frequency::parse)
                .map(Frequency::interval)
                .orElse(Duration.ofDays(1));
    }
}
