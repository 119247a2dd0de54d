package dev.millrace.server.record;

/** A call that can never succeed; nothing of it was stored. The message is meant for the function's author. */
public class RecordsRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RecordsRefused(String message) {
        super(message, null, false, false);
    }

    /** Refused by the delete guard: the run fails even if the function catches this error. */
    public static final class Deletes extends RecordsRefused {
        private static final long serialVersionUID = 1L;

        Deletes(String message) {
            super(message);
        }
    }
}
