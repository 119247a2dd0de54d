package dev.millrace.server.function;

/** What a function is for. */
public enum Kind {
    SYNC("sync"),
    ACTION("action"),
    ON_EVENT("on-event"),
    /** Deployed as a bundle; its trigger says what starts it. */
    FUNCTION("function");

    private final String wire;

    Kind(String wire) {
        this.wire = wire;
    }

    /** The name on the wire and in the database. */
    public String wire() {
        return wire;
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
