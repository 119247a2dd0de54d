package dev.millrace.server.record;

/** A call that can never succeed as it stands; nothing of it was stored. Its message is meant for the function's author. */
public final class RecordsRefused extends RuntimeException {
    public RecordsRefused(String message) {
        super(message, null, false, false);
    }
}
