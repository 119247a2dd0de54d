package dev.millrace.server.function.js;

import java.time.Duration;

/** The handler of a definition that an execution calls, with its time limits. */
public enum ScriptType {
    SYNC("sync", Duration.ofHours(1), Duration.ofHours(24)),
    WEBHOOK("webhook", Duration.ofMinutes(5), Duration.ofHours(1)),
    ACTION("action", Duration.ofSeconds(30), Duration.ofMinutes(15)),
    ON_EVENT("on-event", Duration.ofSeconds(30), Duration.ofMinutes(5));

    private final String wire;
    private final Duration longestWait;
    private final Duration longestRun;

    ScriptType(String wire, Duration longestWait, Duration longestRun) {
        this.wire = wire;
        this.longestWait = longestWait;
        this.longestRun = longestRun;
    }

    /** The value of {@code nango.scriptType} in functions. */
    public String wire() {
        return wire;
    }

    /** How long it may wait for its start. */
    public Duration longestWait() {
        return longestWait;
    }

    /** How long it may run. */
    public Duration longestRun() {
        return longestRun;
    }
}
