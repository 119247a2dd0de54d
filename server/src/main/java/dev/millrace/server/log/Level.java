package dev.millrace.server.log;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How much a log line matters, least first. */
public enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR;

    private static final List<String> WORDS =
            Arrays.stream(values()).map(Level::word).toList();

    /** All levels as they are written. */
    static List<String> words() {
        return WORDS;
    }

    /** What is no level counts as information. */
    static Level of(String word) {
        int index = WORDS.indexOf(word);
        return index < 0 ? INFO : values()[index];
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
