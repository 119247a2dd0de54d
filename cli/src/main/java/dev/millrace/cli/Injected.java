package dev.millrace.cli;

import org.jspecify.annotations.Nullable;

/** Reads fields that picocli has set. */
final class Injected {
    private Injected() {}

    static <T> T value(@Nullable T field) {
        if (field == null) {
            throw new IllegalStateException("this command was not made by picocli");
        }
        return field;
    }
}
