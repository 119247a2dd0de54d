package dev.millrace.server.credential;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads the expiry of a token, in the many formats in which providers state it. */
final class TokenLife {
    /** Read as milliseconds, a smaller number would be a time before 1972: it must be seconds. */
    private static final long LEAST_MILLIS = Duration.ofDays(2 * 365).toMillis();

    private static final Pattern DAYS_HOURS_MINUTES = Pattern.compile("(\\d{1,5}):(\\d{2}):(\\d{2})");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(\\.\\d+)?");
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d|w|y)?[a-z]*");
    private static final List<Function<String, Instant>> DATES = List.of(
            text -> OffsetDateTime.parse(text).toInstant(),
            text -> LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant(),
            text -> Instant.parse(text.replace(' ', 'T') + "Z"),
            text -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));

    /** Providers state dates that exceed the range of Instant to mean "never". */
    private static final long LONGEST_SECONDS = Duration.ofDays(99 * 365L).toSeconds();

    private static final long LATEST_MILLIS =
            Instant.parse("9999-12-31T00:00:00Z").toEpochMilli();

    private TokenLife() {}

    /** By {@code expires_at}, else by {@code expires_in}. */
    static Optional<Instant> of(JsonNode answer, Instant now) {
        return moment(answer.path("expires_at"), now)
                .or(() -> seconds(answer.path("expires_in")).map(now::plus));
    }

    /** A number of seconds or milliseconds since 1970, a date, or {@code days:hours:minutes} from now. */
    static Optional<Instant> moment(JsonNode value, Instant now) {
        var life = DAYS_HOURS_MINUTES.matcher(value.asString(""));
        if (value.isString() && life.matches()) {
            return Optional.of(now.plus(Duration.ofDays(Long.parseLong(life.group(1)))
                    .plusHours(Long.parseLong(life.group(2)))
                    .plusMinutes(Long.parseLong(life.group(3)))));
        }
        return date(value);
    }

    /** A number of seconds or milliseconds since 1970, or a date. */
    static Optional<Instant> date(JsonNode value) {
        var number = number(value);
        if (number.isPresent()) {
            long since = Math.min(number.get(), LATEST_MILLIS);
            return Optional.of(since >= LEAST_MILLIS ? Instant.ofEpochMilli(since) : Instant.ofEpochSecond(since));
        }
        var text = value.asString("").strip();
        for (var format : DATES) {
            try {
                return Optional.of(format.apply(text));
            } catch (DateTimeException _) {
                // Try the next format.
            }
        }
        return Optional.empty();
    }

    /** Whole seconds; 0 means no limit. */
    static Optional<Duration> seconds(JsonNode value) {
        return number(value)
                .filter(count -> count > 0)
                .map(count -> Duration.ofSeconds(Math.min(count, LONGEST_SECONDS)));
    }

    /** Seconds, or an amount with a unit: {@code 2h}, {@code 30 minutes}. */
    static Optional<Duration> amount(JsonNode value) {
        var text = AMOUNT.matcher(value.asString("").strip());
        if (!value.isString() || !text.matches() || text.group(2) == null) {
            return seconds(value);
        }
        long count = Long.parseLong(text.group(1));
        return Optional.of(
                switch (text.group(2)) {
                    case "ms" -> Duration.ofMillis(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    case "d" -> Duration.ofDays(count);
                    case "w" -> Duration.ofDays(7 * count);
                    case "y" -> Duration.ofDays(365 * count);
                    default -> Duration.ofSeconds(count);
                });
    }

    private static Optional<Long> number(JsonNode value) {
        if (value.isNumber()) {
            return Optional.of(value.decimalValue().longValue());
        }
        var text = value.asString("").strip();
        return value.isString() && NUMBER.matcher(text).matches()
                ? Optional.of(new BigDecimal(text).longValue())
                : Optional.empty();
    }
}
