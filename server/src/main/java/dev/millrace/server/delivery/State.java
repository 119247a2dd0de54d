package dev.millrace.server.delivery;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The state of a delivery. The database and the API use the lower-case name. */
enum State {
    /** Not delivered yet; an attempt is due now or later. */
    WAITING,
    DELIVERED,
    /** Failed; no further attempt is made unless a replay is requested. */
    DEAD,
    /** Not sent, because the outbound policy forbids the address. */
    SKIPPED;

    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    static State of(String code) {
        return valueOf(code.toUpperCase(Locale.ROOT));
    }

    static List<String> codes() {
        return Arrays.stream(values()).map(State::code).toList();
    }
}
