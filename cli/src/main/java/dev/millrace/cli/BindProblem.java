package dev.millrace.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says why a port cannot be used. */
final class BindProblem {
    private BindProblem() {}

    static String of(@Nullable Throwable cause) {
        for (var at = cause; at != null; at = at.getCause()) {
            var message = String.valueOf(at.getMessage()).toLowerCase(Locale.ROOT);
            if (message.contains("permission denied")) {
                return "only root may use ports below 1024";
            }
            if (message.contains("cannot assign")) {
                return "this machine has no such address";
            }
        }
        return "another program uses it";
    }
}
