package dev.millrace.server.webhook;

import java.util.Comparator;

/**
 * The webhook functions of an environment are executed by several tasks, so that the servers of a cluster share them.
 *
 * @param number of the task within the environment
 */
record Lane(long environment, int number) implements Comparable<Lane> {
    /** How many tasks an environment has. */
    static final int COUNT = 8;

    /** How many runs one task has at a time: 500 in all. */
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
