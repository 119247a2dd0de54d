package dev.millrace.server.action;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Limits how many synchronous actions run at once in this process: per environment, per connection and in total.
 * Further calls wait. Calls of one environment start in order of arrival, except that a call waits only for its own
 * connection's limit and not for that of others. Environments take turns. Thread-safe.
 */
final class ActionSlots {
    /** More than two environments at their default limit; the memory of a server suffices for that. */
    static final int OF_NODE = 1_000;

    private static final int LONGEST_QUEUE = 10_000;

    /**
     * @param environment most at once in one environment
     * @param connection most at once on one connection; 0: no limit
     */
    record Limits(int environment, int connection) {}

    /** Whether the action may start. */
    enum Admission {
        GRANTED,
        /** No slot was free in time. */
        EXPIRED,
        /** Too many calls wait already. */
        REFUSED
    }

    private static final class Waiter {
        final long connection;
        final Condition turn;
        boolean granted;

        Waiter(long connection, Condition turn) {
            this.connection = connection;
            this.turn = turn;
        }
    }

    /** Exists while an action of the environment runs or waits. */
    private static final class Environment {
        final Map<Long, Integer> connections = new HashMap<>();
        final Deque<Waiter> waiting = new ArrayDeque<>();
        Limits limits = new Limits(1, 0);
        int running;

        boolean hasRoom(long connection) {
            return running < limits.environment()
                    && (limits.connection() == 0 || connections.getOrDefault(connection, 0) < limits.connection());
        }

        void start(long connection) {
            running++;
            connections.merge(connection, 1, Integer::sum);
        }

        void end(long connection) {
            running--;
            connections.computeIfPresent(connection, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    // The first environment in the queue is next.
    private final LinkedHashMap<Long, Environment> environments = new LinkedHashMap<>();
    private int running;
    private int waiting;

    ActionSlots(int most) {
        this.most = most;
    }

    /** Waits for a slot. The caller returns it with {@link #leave}. */
    Admission enter(long environment, long connection, Limits limits, Duration longest) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            var here = environments.computeIfAbsent(environment, _ -> new Environment());
            here.limits = limits;
            if (here.waiting.isEmpty() && running < most && here.hasRoom(connection)) {
                start(here, connection);
                return Admission.GRANTED;
            }
            return here.waiting.size() < LONGEST_QUEUE
                    ? queue(environment, here, connection, longest)
                    : Admission.REFUSED;
        } finally {
            lock.unlock();
        }
    }

    private Admission queue(long environment, Environment here, long connection, Duration longest)
            throws InterruptedException {
        var waiter = new Waiter(connection, lock.newCondition());
        here.waiting.add(waiter);
        waiting++;
        // Earlier calls may all wait for another connection's limit.
        grant();
        boolean interrupted = true;
        try {
            long left = longest.toNanos();
            while (!waiter.granted && left > 0) {
                left = waiter.turn.awaitNanos(left);
            }
            interrupted = false;
            return waiter.granted ? Admission.GRANTED : Admission.EXPIRED;
        } finally {
            if (!waiter.granted) {
                here.waiting.remove(waiter);
                waiting--;
                forget(environment, here);
            } else if (interrupted) {
                leave(environment, connection);
            }
        }
    }

    private void start(Environment here, long connection) {
        here.start(connection);
        running++;
    }

    void leave(long environment, long connection) {
        lock.lock();
        try {
            var here = Objects.requireNonNull(environments.get(environment), "nobody of it has entered");
            here.end(connection);
            running--;
            grant();
            forget(environment, here);
        } finally {
            lock.unlock();
        }
    }

    /** How many calls wait now. */
    int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    private void forget(long environment, Environment here) {
        if (here.running == 0 && here.waiting.isEmpty()) {
            environments.remove(environment);
        }
    }

    /** Hands out all free slots. */
    private void grant() {
        int passed = 0;
        while (waiting > 0 && running < most && passed < environments.size()) {
            var first = environments.firstEntry();
            passed = grantOne(first.getValue()) ? 0 : passed + 1;
            environments.putLast(first.getKey(), first.getValue());
        }
    }

    private boolean grantOne(Environment here) {
        for (var waiters = here.waiting.iterator(); waiters.hasNext(); ) {
            var waiter = waiters.next();
            if (here.running >= here.limits.environment()) {
                return false;
            }
            if (here.hasRoom(waiter.connection)) {
                waiters.remove();
                waiting--;
                start(here, waiter.connection);
                waiter.granted = true;
                waiter.turn.signal();
                return true;
            }
        }
        return false;
    }
}
