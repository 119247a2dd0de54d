package dev.millrace.server.record;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Microseconds since 1970 and their text: ISO 8601, fraction without trailing zeros, offset {@code +00:00}. */
final class Times {
    private static final long MICROS = 1_000_000;

    private Times() {}

    static String text(long micros) {
        var time = LocalDateTime.ofEpochSecond(Math.floorDiv(micros, MICROS), 0, ZoneOffset.UTC);
        var text = new StringBuilder(32).append(time.toLocalDate()).append('T');
        two(text, time.getHour()).append(':');
        two(text, time.getMinute()).append(':');
        two(text, time.getSecond());
        fraction(text, (int) Math.floorMod(micros, MICROS));
        return text.append("+00:00").toString();
    }

    private static StringBuilder two(StringBuilder text, int number) {
        return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }

    private static void fraction(StringBuilder text, int micros) {
        if (micros == 0) {
            return;
        }
        text.append('.');
        int rest = micros;
        for (int unit = (int) MICROS / 10; rest > 0; unit /= 10) {
            text.append((char) ('0' + rest / unit));
            rest %= unit;
        }
    }

    /** Reads a time with an offset; anything else is a {@link DateTimeException}. */
    static long micros(String text) {
        return micros(OffsetDateTime.parse(text).toInstant());
    }

    static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
