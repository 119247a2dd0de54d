package dev.millrace.server.webhook.scheme;

import dev.millrace.server.provider.WebhookRules.Time;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** The time that is sent along with a signature. */
record Timestamp(String text, Instant at) {
    /**
     * Reads the timestamp; empty if the call has none that is valid.
     *
     * @param items the items of the list of signatures, of which one may be the timestamp
     */
    static Optional<Timestamp> read(Time rule, CallValues values, List<String> items) {
        var text = rule.from().isPresent()
                ? rule.from().flatMap(values::text)
                : items.stream()
                        .filter(item -> item.startsWith(rule.prefix()))
                        .map(item -> item.substring(rule.prefix().length()))
                        .findFirst();
        try {
            return text.map(written -> new Timestamp(
                    written,
                    switch (rule.unit()) {
                        case SECONDS -> Instant.ofEpochSecond(Long.parseLong(written));
                        case MILLISECONDS -> Instant.ofEpochMilli(Long.parseLong(written));
                        case ISO -> OffsetDateTime.parse(written).toInstant();
                    }));
        } catch (NumberFormatException | DateTimeException _) {
            return Optional.empty();
        }
    }

    /** @param tolerance in seconds, in both directions; 0 accepts any time */
    boolean isNear(Instant now, long tolerance) {
        return tolerance == 0 || (!at.isBefore(now.minusSeconds(tolerance)) && !at.isAfter(now.plusSeconds(tolerance)));
    }
}
