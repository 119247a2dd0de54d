package dev.millrace.server.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;

/** The three formats in which times are written in responses. */
public final class Times {
    private static final DateTimeFormatter MILLIS = formatter(3, 3);
    private static final DateTimeFormatter MICROS = formatter(0, 6);

    private Times() {}

    private static DateTimeFormatter formatter(int least, int most) {
        return new DateTimeFormatterBuilder()
                .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
                .appendFraction(ChronoField.NANO_OF_SECOND, least, most, true)
                .toFormatter()
                .withZone(ZoneOffset.UTC);
    }

    /** Milliseconds and {@code Z}. */
    public static String utc(Instant time) {
        return MILLIS.format(time) + "Z";
    }

    /** Milliseconds and {@code +00:00}. */
    public static String offset(Instant time) {
        return MILLIS.format(time) + "+00:00";
    }

    /** The format of the database: up to six digits without trailing zeros, {@code +00:00}. */
    public static String micros(Instant time) {
        return MICROS.format(time) + "+00:00";
    }
}
