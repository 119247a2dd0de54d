package dev.millrace.server.provider;

import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAmount;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A {@code now} placeholder: {@code now}, {@code now:FORMAT}, {@code now+7:days:FORMAT}; UTC, formats in the letters of
 * Day.js.
 */
record NowFormat(Optional<TemporalAmount> offset, String format) {
    private static final Pattern PLACEHOLDER =
            Pattern.compile("now(?:(?<amount>[+-]\\d{1,9}):(?<unit>[a-zA-Z]+))?(?::(?<format>.*))?");
    private static final Pattern TOKEN =
            Pattern.compile("\\[(?<literal>[^\\]]*)\\]|YYYY|YY|M{1,4}|DD?|d{3,4}|HH?|hh?" + "|A|a|mm?|ss?|SSS|ZZ?|X|x");
    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");

    static Optional<NowFormat> parse(String inner) {
        var found = PLACEHOLDER.matcher(inner);
        if (!inner.startsWith("now") || !found.matches()) {
            return Optional.empty();
        }
        Optional<TemporalAmount> offset = Optional.empty();
        if (found.group("amount") != null) {
            offset = amount(Integer.parseInt(found.group("amount")), found.group("unit"));
            if (offset.isEmpty()) {
                return Optional.empty();
            }
        }
        var format = found.group("format");
        return Optional.of(new NowFormat(offset, format == null ? "" : format));
    }

    private static Optional<TemporalAmount> amount(int count, String unit) {
        return Optional.ofNullable(
                switch (unit.toLowerCase(Locale.ROOT)) {
                    case "second", "seconds", "s" -> Duration.ofSeconds(count);
                    case "minute", "minutes", "m" -> Duration.ofMinutes(count);
                    case "hour", "hours", "h" -> Duration.ofHours(count);
                    case "day", "days", "d" -> Period.ofDays(count);
                    case "week", "weeks", "w" -> Period.ofWeeks(count);
                    case "month", "months" -> Period.ofMonths(count);
                    case "year", "years", "y" -> Period.ofYears(count);
                    default -> null;
                });
    }

    String show(Instant now) {
        var time = now.atZone(ZoneOffset.UTC);
        var moved = offset.isPresent() ? time.plus(offset.get()) : time;
        if (format.isEmpty()) {
            return ISO.format(moved);
        }
        return TOKEN.matcher(format)
                .replaceAll(
                        found -> java.util.regex.Matcher.quoteReplacement(token(found.group(), found.group(1), moved)));
    }

    private static String token(String token, @org.jspecify.annotations.Nullable String literal, ZonedDateTime time) {
        if (literal != null) {
            return literal;
        }
        return switch (token) {
            case "X" -> String.valueOf(time.toEpochSecond());
            case "x" -> String.valueOf(time.toInstant().toEpochMilli());
            case "Z" -> "+00:00";
            case "ZZ" -> "+0000";
            case "a" -> english("a", time).toLowerCase(Locale.ROOT);
            case "A" -> english("a", time);
            case "ddd" -> english("EEE", time);
            case "dddd" -> english("EEEE", time);
            default -> english(token.replace('Y', 'y').replace('D', 'd'), time);
        };
    }

    private static String english(String pattern, ZonedDateTime time) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
    }
}
