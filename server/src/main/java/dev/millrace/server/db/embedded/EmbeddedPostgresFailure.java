package dev.millrace.server.db.embedded;

/** The embedded database cannot be used; the message says why and what to do. */
public final class EmbeddedPostgresFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EmbeddedPostgresFailure(String message) {
        super(message);
    }

    /** What one of PostgreSQL's programs printed (in English, see {@link EmbeddedPostgresCommand}) before it failed. */
    static EmbeddedPostgresFailure printed(String what, String output) {
        return new EmbeddedPostgresFailure(
                output.contains("No space left on device")
                        ? what + ": the disk is full. Free some space, or choose another folder with --data."
                        : what + ": " + output);
    }

    EmbeddedPostgresFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
