package dev.millrace.server.proxy;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.RetryRules;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Decides whether a call is retried, and after what delay. */
final class Retries {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int LARGEST_ERROR_BODY = 64 * 1024;
    /** Read as seconds, a larger number would be a time after the year 5000: it must be milliseconds. */
    private static final double LATEST_SECOND = 1e11;

    private final InstantSource clock;
    private final RandomGenerator random;
    private final Predicate<OutboundFailure> retryable;

    /** @param retryable whether a call without a response is retried */
    Retries(InstantSource clock, RandomGenerator random, Predicate<OutboundFailure> retryable) {
        this.clock = clock;
        this.random = random;
        this.retryable = retryable;
    }

    /** A response with the delay before the next attempt, if there is to be one. */
    record Verdict(OutboundAnswer answer, Optional<Duration> next) {}

    Optional<Duration> afterFailure(Call call, int attempt, OutboundFailure failure) {
        boolean again = attempt < call.retries() && retryable.test(failure);
        return again ? Optional.of(usualWait(attempt)) : Optional.empty();
    }

    Verdict afterAnswer(Call call, RetryRules definition, int attempt, OutboundAnswer answer) {
        if (answer.successful() || attempt >= call.retries()) {
            return new Verdict(answer, Optional.empty());
        }
        var rules = call.retryHeader().map(own -> own.over(definition)).orElse(definition);
        if (!retryable(call, rules, answer)) {
            return new Verdict(answer, Optional.empty());
        }
        var told = longest(rules.at(), answer, this::until).or(() -> longest(rules.after(), answer, Retries::seconds));
        var whole = answer;
        if (told.isEmpty() && rules.inBody().isPresent()) {
            var head = head(answer);
            whole = answer.after(head);
            told = inBody(rules.inBody().get(), head);
        }
        var wait = told.or(() -> longest(List.of("retry-after"), answer, this::secondsOrDate))
                .orElseGet(() -> usualWait(attempt));
        return new Verdict(whole, wait.compareTo(call.longestPause()) > 0 ? Optional.empty() : Optional.of(wait));
    }

    private static boolean retryable(Call call, RetryRules rules, OutboundAnswer answer) {
        int status = answer.status();
        boolean usual = rules.statuses().isEmpty()
                ? status >= 500 || status == 429 || status == 401
                : rules.statuses().stream().anyMatch(range -> range.holds(status));
        return usual
                || call.retryOn().contains(status)
                || rules.remaining().flatMap(answer::header).filter("0"::equals).isPresent();
    }

    private static Optional<Duration> longest(
            List<String> headers, OutboundAnswer answer, Function<String, @Nullable Duration> parse) {
        return headers.stream()
                .map(answer::header)
                .flatMap(Optional::stream)
                .flatMap(value -> Optional.ofNullable(parse.apply(value.strip())).stream())
                .max(Duration::compareTo);
    }

    private static @Nullable Duration seconds(String value) {
        try {
            double seconds = Double.parseDouble(value);
            return seconds >= 0 && seconds < LATEST_SECOND ? Duration.ofMillis((long) (seconds * 1000)) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private @Nullable Duration secondsOrDate(String value) {
        var seconds = seconds(value);
        return seconds == null ? until(value) : seconds;
    }

    /** The time from now until a number of seconds or milliseconds since 1970, or a date; null when it is past. */
    private @Nullable Duration until(String value) {
        var time = time(value);
        if (time == null) {
            return null;
        }
        var wait = Duration.between(clock.instant(), time);
        return wait.isPositive() ? Duration.ofSeconds(wait.toSeconds()) : null;
    }

    private static @Nullable Instant time(String value) {
        try {
            double number = Double.parseDouble(value);
            return Instant.ofEpochMilli((long) (number < LATEST_SECOND ? number * 1000 : number));
        } catch (NumberFormatException e) {
            return date(value);
        }
    }

    private static @Nullable Instant date(String value) {
        for (var format : List.of(DateTimeFormatter.ISO_DATE_TIME, DateTimeFormatter.RFC_1123_DATE_TIME)) {
            try {
                return format.parse(value, Instant::from);
            } catch (DateTimeParseException _) {
                // Try the other format.
            }
        }
        return null;
    }

    private static byte[] head(OutboundAnswer answer) {
        try {
            return answer.body().readNBytes(LARGEST_ERROR_BODY);
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private Optional<Duration> inBody(RetryRules.InBody rule, byte[] head) {
        try {
            var text = Names.read(Json.MAPPER.readTree(head), rule.path());
            var found = rule.value().matcher(text == null ? "" : text);
            if (!found.find() || found.groupCount() == 0) {
                return Optional.empty();
            }
            return Optional.ofNullable(rule.at() ? until(found.group(1)) : seconds(found.group(1)));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** 3, 6, 12 … seconds plus up to a tenth, so that many callers do not retry at the same moment. */
    private Duration usualWait(int attempt) {
        long millis = Math.min(3_000L << attempt, LONGEST.toMillis());
        return Duration.ofMillis(millis + random.nextLong(millis / 10));
    }
}
