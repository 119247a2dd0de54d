package dev.millrace.server.function;

import java.time.Duration;

/** What a function is for, and the limits of its runs. */
public enum Kind {
    SYNC("sync", Duration.ofHours(1), Duration.ofHours(24)),
    ACTION("action", Duration.ofSeconds(30), Duration.ofMinutes(15)),
    ON_EVENT("on-event", Duration.ofSeconds(30), Duration.ofMinutes(5));

    private final String wire;
    private final Duration longestWait;
    private final Duration longestRun;

    Kind(String wire, Duration longestWait, Duration longestRun) {
        this.wire = wire;
        this.longestWait = longestWait;
        this.longestRun = longestRun;
    }

    /** The name on the wire, in the database, and for functions as {@code nango.scriptType}. */
    public String wire() {
        return wire;
    }

    /** How long a run may wait for its start. */
    public Duration longestWait() {
        return longestWait;
    }

    /** How long it may run. */
    public Duration longestRun() {
        return longestRun;
    }

    static Kind of(String wire) {
        for (var kind : values()) {
            if (kind.wire.equals(wire)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of function is called " + wire);
    }
}
