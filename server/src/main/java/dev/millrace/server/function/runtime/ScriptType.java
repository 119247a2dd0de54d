package dev.millrace.server.function.runtime;

/** Which handler of a definition an execution calls. */
public enum ScriptType {
    SYNC("sync"),
    WEBHOOK("webhook"),
    ACTION("action"),
    ON_EVENT("on-event");

    private final String wire;

    ScriptType(String wire) {
        this.wire = wire;
    }

    /** The name functions see as {@code nango.scriptType}. */
    public String wire() {
        return wire;
    }
}
