package dev.millrace.server.webhook;

import java.util.Comparator;

/**
 * One of the tasks that execute the webhook functions of an environment. An environment has several tasks, so that the
 * servers of a cluster can share the work.
 *
 * @param number number of the task within the environment, starting at 0
 */
record Lane(long environment, int number) implements Comparable<Lane> {
    /** The number of tasks per environment. */
    static final int COUNT = 8;

    /** The maximum number of concurrent runs per task. With {@link #COUNT} tasks, an environment has at most 496. */
    static final int AT_ONCE = 500 / COUNT;

    private static final Comparator<Lane> ORDER =
            Comparator.comparingLong(Lane::environment).thenComparingInt(Lane::number);

    static Lane parse(String task) {
        var parts = task.split(":", 2);
        return new Lane(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
    }

    /** The id of the task. */
    String task() {
        return environment + ":" + number;
    }

    @Override
    public int compareTo(Lane other) {
        return ORDER.compare(this, other);
    }
}
