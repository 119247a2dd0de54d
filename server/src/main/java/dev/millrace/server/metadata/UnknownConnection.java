package dev.millrace.server.metadata;

/** A connection does not exist; nothing was written. */
public final class UnknownConnection extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String connectionId;

    UnknownConnection(String connectionId) {
        super(connectionId, null, false, false);
        this.connectionId = connectionId;
    }

    public String connectionId() {
        return connectionId;
    }
}
