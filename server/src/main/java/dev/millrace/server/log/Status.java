package dev.millrace.server.log;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The status of an operation. */
public enum Status {
    RUNNING,
    SUCCESS,
    FAILED,
    /** Ended on request: by a reset, or by the deletion of its subject. */
    CANCELLED,
    /** The server stopped; another run continues. */
    INTERRUPTED;

    public static List<String> words() {
        return Arrays.stream(values()).map(Status::word).toList();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
