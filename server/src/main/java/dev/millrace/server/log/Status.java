package dev.millrace.server.log;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How an operation stands. */
public enum Status {
    RUNNING,
    SUCCESS,
    FAILED,
    /** Someone ended it: a reset, or the deletion of what it worked for. */
    CANCELLED,
    /** The server stopped; another run goes on with it. */
    INTERRUPTED;

    static List<String> words() {
        return Arrays.stream(values()).map(Status::word).toList();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
