package dev.millrace.server.sync;

import dev.millrace.server.function.Frequency;
import dev.millrace.server.function.Function;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A sync of a connection.
 *
 * @param frequency this connection's own, as it was sent
 * @param pausedBy empty when it is not paused, or when its function does not start automatically
 * @param startsAt the reference time from which the times of its runs are computed
 */
record Sync(
        UUID id,
        long environmentId,
        long connectionId,
        String name,
        String variant,
        Optional<String> frequency,
        State state,
        Optional<PausedBy> pausedBy,
        Duration interval,
        Instant startsAt,
        Optional<Instant> nextRunAt,
        Asked asked,
        Optional<Instant> lastSyncDate) {

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

    /** The next scheduled time after a moment; missed times are skipped. */
    Instant nextSlot(Instant after) {
        long step = interval.toMillis();
        long since = Math.max(0, after.toEpochMilli() - startsAt.toEpochMilli());
        return startsAt.plusMillis((since / step + 1) * step);
    }

    boolean isNamed(SyncName other) {
        return name.equals(other.name()) && variant.equals(other.variant());
    }

    String checkpointKey() {
        return "sync:" + name + ":" + variant;
    }

    /** The state after a command or a run; all other fields are unchanged. */
    Sync with(State newState, Optional<Instant> next) {
        return new Sync(
                id,
                environmentId,
                connectionId,
                name,
                variant,
                frequency,
                newState,
                newState == State.PAUSED ? pausedBy : Optional.empty(),
                interval,
                startsAt,
                next,
                asked,
                lastSyncDate);
    }

    /** No further runs until whoever paused it, or a user, starts it. */
    Sync paused(PausedBy by) {
        return new Sync(
                id,
                environmentId,
                connectionId,
                name,
                variant,
                frequency,
                State.PAUSED,
                Optional.of(by),
                interval,
                startsAt,
                Optional.empty(),
                asked,
                lastSyncDate);
    }

    Sync every(Duration newInterval, Optional<Instant> next) {
        return new Sync(
                id,
                environmentId,
                connectionId,
                name,
                variant,
                frequency,
                state,
                pausedBy,
                newInterval,
                startsAt,
                next,
                asked,
                lastSyncDate);
    }

    Sync asked(Asked newAsked) {
        return new Sync(
                id,
                environmentId,
                connectionId,
                name,
                variant,
                frequency,
                state,
                pausedBy,
                interval,
                startsAt,
                nextRunAt,
                newAsked,
                lastSyncDate);
    }

    Sync synced(Optional<Instant> date) {
        return new Sync(
                id,
                environmentId,
                connectionId,
                name,
                variant,
                frequency,
                state,
                pausedBy,
                interval,
                startsAt,
                nextRunAt,
                asked,
                date);
    }

    /** How often a sync of a function runs, unless it has a frequency of its own. */
    static Duration interval(Function function) {
        return function.runs()
                .flatMap(Frequency::parse)
                .map(Frequency::interval)
                .orElse(Duration.ofDays(1));
    }
}
