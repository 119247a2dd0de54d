package dev.millrace.server.delivery;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a delivery stands. */
enum State {
    /** It is to be sent, now or later. */
    WAITING,
    DELIVERED,
    /** No further attempt is made, unless somebody asks for a replay. */
    DEAD,
    /** Its address may not be called. */
    SKIPPED;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static State of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    static List<String> words() {
        return Arrays.stream(values()).map(State::word).toList();
    }
}
