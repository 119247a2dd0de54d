package dev.millrace.server.sync;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * One sync of one connection.
 *
 * @param frequency this connection's own, as it was sent
 * @param pausedBy empty when nobody did, or when its function does not start by itself
 * @param startsAt anchor of the grid of its runs
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
        boolean runAgain,
        boolean reset,
        boolean emptyCache,
        Optional<Instant> lastSyncDate) {

    /** Who paused a sync, and so who may start it again. */
    enum PausedBy {
        USER,
        CONFIGURATION
    }

    enum State {
        STARTED,
        PAUSED,
        DELETED
    }

    /** The next slot of the grid after a moment; slots missed meanwhile are skipped (syncs §3). */
    Instant nextSlot(Instant after) {
        long step = interval.toMillis();
        long since = Math.max(0, after.toEpochMilli() - startsAt.toEpochMilli());
        return startsAt.plusMillis((since / step + 1) * step);
    }

    String checkpointKey() {
        return "sync:" + name + ":" + variant;
    }

    /** The state that a command or a run leaves behind; all else stays. */
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
                runAgain,
                reset,
                emptyCache,
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
                runAgain,
                reset,
                emptyCache,
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
                runAgain,
                reset,
                emptyCache,
                lastSyncDate);
    }

    /** What the next run is to do: run once more after the one under way, start anew, empty the cache. */
    Sync asked(boolean again, boolean fromStart, boolean empty) {
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
                again,
                fromStart,
                empty,
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
                runAgain,
                reset,
                emptyCache,
                date);
    }
}
