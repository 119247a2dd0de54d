package dev.millrace.server.ui;

import dev.millrace.server.connection.BrokenConnections;
import dev.millrace.server.delivery.Undelivered;
import dev.millrace.server.log.Activity;
import dev.millrace.server.run.SilentRuns;
import dev.millrace.server.sync.FailingSyncs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the overview of an environment shows. The counts of the last day read many rows, so they are remembered for some
 * seconds. Thread-safe.
 */
final class Overview {
    static final Duration DAY = Duration.ofHours(24);
    static final Duration STEP = Duration.ofMinutes(30);
    static final int STEPS = 48;
    private static final Duration SILENCE = Duration.ofMinutes(15);
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MOST = 5;

    private final Activity activity;
    private final FailingSyncs syncs;
    private final BrokenConnections connections;
    private final SilentRuns runs;
    private final Undelivered deliveries;
    private final Map<Long, Remembered> remembered = new ConcurrentHashMap<>();

    Overview(
            Activity activity,
            FailingSyncs syncs,
            BrokenConnections connections,
            SilentRuns runs,
            Undelivered deliveries) {
        this.activity = activity;
        this.syncs = syncs;
        this.connections = connections;
        this.runs = runs;
        this.deliveries = deliveries;
    }

    /**
     * The state of an environment.
     *
     * @param begin of the charts
     */
    record State(
            Instant at,
            Instant begin,
            List<Trouble> troubles,
            long connections,
            List<Activity.Slot> operations,
            List<Undelivered.Slot> webhooks,
            List<Activity.Cause> causes) {
        /** Whether the charts would show anything. */
        boolean isQuiet() {
            return operations.stream().allMatch(slot -> slot.done() + slot.failed() == 0)
                    && webhooks.stream().allMatch(slot -> slot.done() + slot.failed() == 0);
        }
    }

    private record Remembered(State state, Instant until) {}

    /** Something that needs a person. */
    sealed interface Trouble {
        /** A sync that fails on some connections. */
        record FailingSync(FailingSyncs.Failing sync, Instant since, String cause) implements Trouble {}

        /** A sync that would delete more than the delete guard allows. */
        record HeldDeletions(FailingSyncs.Failing sync, Instant since, String cause) implements Trouble {}

        /** A connection whose credentials are refused. */
        record BrokenConnection(BrokenConnections.Broken connection, long paused) implements Trouble {}

        /** More of them than are listed. */
        record MoreBroken(long count) implements Trouble {}

        /** A run that is silent. */
        record StuckRun(Activity.Named run, Instant since) implements Trouble {}

        /** An address that does not accept webhooks. */
        record Webhooks(Undelivered.Address address, String host) implements Trouble {}
    }

    State of(long environment, Instant now) {
        var known = remembered.get(environment);
        if (known != null && now.isBefore(known.until())) {
            return known.state();
        }
        var state = read(environment, now);
        remembered.put(environment, new Remembered(state, now.plus(REMEMBERED)));
        return state;
    }

    private State read(long environment, Instant now) {
        var begin = begin(now);
        var count = connections.count(environment);
        return new State(
                now,
                begin,
                troubles(environment, now, count),
                count.all(),
                activity.slots(environment, begin, STEP, STEPS),
                deliveries.slots(environment, begin, STEP, STEPS),
                activity.causes(environment, now.minus(DAY), MOST));
    }

    /** The charts end with the step of now. */
    private static Instant begin(Instant now) {
        long step = STEP.toSeconds();
        long end = (now.getEpochSecond() / step + 1) * step;
        return Instant.ofEpochSecond(end).minus(DAY);
    }

    private List<Trouble> troubles(long environment, Instant now, BrokenConnections.Count count) {
        var troubles = new ArrayList<Trouble>();
        var held = new ArrayList<Trouble>();
        var failing = syncs.list(environment, MOST);
        var logs = new HashMap<UUID, Activity.Named>();
        activity.named(
                        environment,
                        failing.stream().map(FailingSyncs.Failing::operation).toList())
                .forEach(log -> logs.put(log.id(), log));
        for (var sync : failing) {
            var log = Optional.ofNullable(logs.get(sync.operation()));
            var error = log.flatMap(Activity.Named::error);
            var since = log.map(Activity.Named::startedAt).orElse(now);
            if (ErrorText.type(error).equals("delete_guard")) {
                held.add(new Trouble.HeldDeletions(sync, since, ErrorText.of(error)));
            } else {
                troubles.add(new Trouble.FailingSync(sync, since, ErrorText.of(error)));
            }
        }
        connections
                .list(environment, MOST)
                .forEach(broken -> troubles.add(new Trouble.BrokenConnection(broken, syncs.paused(broken.id()))));
        if (count.broken() > MOST) {
            troubles.add(new Trouble.MoreBroken(count.broken() - MOST));
        }
        deliveries
                .addresses(environment, now.minus(DAY), MOST)
                .forEach(address -> troubles.add(new Trouble.Webhooks(address, host(address.url()))));
        troubles.addAll(held);
        var silent = new HashMap<UUID, Instant>();
        runs.list(environment, now.minus(SILENCE), MOST).forEach(run -> silent.put(run.operation(), run.since()));
        activity.named(environment, silent.keySet())
                .forEach(
                        run -> troubles.add(new Trouble.StuckRun(run, silent.getOrDefault(run.id(), run.startedAt()))));
        return List.copyOf(troubles);
    }

    private static String host(String url) {
        return url.replaceFirst("^[a-z]+://(?:[^@/]*@)?", "").replaceFirst("[/?#].*$", "");
    }
}
