package dev.millrace.server.log;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The severity of a log line, lowest first. */
public enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR;

    private static final List<String> WORDS =
            Arrays.stream(values()).map(Level::word).toList();

    /** The names of all levels. */
    public static List<String> words() {
        return WORDS;
    }

    /** An unknown level counts as {@code info}. */
    static Level of(String word) {
        int index = WORDS.indexOf(word);
        return index < 0 ? INFO : values()[index];
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
