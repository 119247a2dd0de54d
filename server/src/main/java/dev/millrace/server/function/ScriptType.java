package dev.millrace.server.function;

import java.time.Duration;

/** As what a function is executed, and the limits of that. A sync is executed by its schedule or for a webhook. */
public enum ScriptType {
    SYNC("sync", Duration.ofHours(1), Duration.ofHours(24)),
    WEBHOOK("webhook", Duration.ofMinutes(5), Duration.ofHours(1)),
    ACTION("action", Duration.ofSeconds(30), Duration.ofMinutes(15)),
    ON_EVENT("on-event", Duration.ofSeconds(30), Duration.ofMinutes(5)),
    FUNCTION("function", Duration.ofMinutes(2), Duration.ofMinutes(15));

    private final String wire;
    private final Duration longestWait;
    private final Duration longestRun;

    ScriptType(String wire, Duration longestWait, Duration longestRun) {
        this.wire = wire;
        this.longestWait = longestWait;
        this.longestRun = longestRun;
    }

    /** The usual one of a function. */
    public static ScriptType of(Kind kind) {
        return switch (kind) {
            case SYNC -> SYNC;
            case ACTION -> ACTION;
            case ON_EVENT -> ON_EVENT;
            case FUNCTION -> FUNCTION;
        };
    }

    /** The name in the database, and for functions as {@code nango.scriptType}. */
    public String wire() {
        return wire;
    }

    /** Whether somebody may wait for the output of a run. Such runs are not repeated when they are lost. */
    public boolean isAnswered() {
        return this == ACTION || this == FUNCTION;
    }

    /** How long a run may wait for its start. */
    public Duration longestWait() {
        return longestWait;
    }

    /** How long it may run. */
    public Duration longestRun() {
        return longestRun;
    }
}
