package dev.millrace.server.function;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How often a sync runs. This parser accepts everything that the three parsers of the reference accept.
 *
 * @param text without the prefix {@code every }, abbreviated for named frequencies: {@code 1h}, {@code 45 minutes}
 */
public record Frequency(String text, Duration interval) {
    public static final Duration SHORTEST = Duration.ofSeconds(30);

    private static final Map<String, Frequency> NAMED = Map.of(
            "half day", new Frequency("12h", Duration.ofHours(12)),
            "half hour", new Frequency("30m", Duration.ofMinutes(30)),
            "quarter hour", new Frequency("15m", Duration.ofMinutes(15)),
            "hour", new Frequency("1h", Duration.ofHours(1)),
            "day", new Frequency("1d", Duration.ofDays(1)),
            "week", new Frequency("1w", Duration.ofDays(7)),
            "month", new Frequency("30d", Duration.ofDays(30)));
    private static final Pattern AMOUNT = Pattern.compile(
            "(\\d*\\.?\\d+)? ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|y|yrs?|years?)");

    /** Empty when the text cannot be parsed. The caller refuses frequencies shorter than {@link #SHORTEST}. */
    public static Optional<Frequency> parse(String given) {
        var text = given.strip().toLowerCase(Locale.ROOT);
        text = text.startsWith("every ") ? text.substring(6).strip() : text;
        var named = NAMED.get(text);
        if (named != null) {
            return Optional.of(named);
        }
        var amount = AMOUNT.matcher(text);
        if (!amount.matches()) {
            return Optional.empty();
        }
        var count = amount.group(1) == null ? BigDecimal.ONE : new BigDecimal(amount.group(1));
        var millis = count.multiply(BigDecimal.valueOf(unit(amount.group(2)).toMillis()));
        return millis.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
                ? Optional.empty()
                : Optional.of(new Frequency(text, Duration.ofMillis(millis.longValue())));
    }

    private static Duration unit(String name) {
        return switch (name.charAt(0)) {
            case 's' -> Duration.ofSeconds(1);
            case 'h' -> Duration.ofHours(1);
            case 'd' -> Duration.ofDays(1);
            case 'w' -> Duration.ofDays(7);
            case 'y' -> Duration.ofDays(365);
            default -> name.equals("ms") || name.startsWith("milli") ? Duration.ofMillis(1) : Duration.ofMinutes(1);
        };
    }
}
