package dev.millrace.server.record;

/** A call that can never succeed as it stands; nothing of it was stored. Its message is meant for the function's author. */
public class RecordsRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RecordsRefused(String message) {
        super(message, null, false, false);
    }

    /** The delete guard's word: the run is to fail, whatever the function makes of it. */
    public static final class Deletes extends RecordsRefused {
        private static final long serialVersionUID = 1L;

        Deletes(String message) {
            super(message);
        }
    }
}
