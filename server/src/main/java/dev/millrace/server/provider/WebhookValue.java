package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A text that is built from a webhook, for example {@code body.event.type} or {@code ${timestamp}.${body}}.
 *
 * @param parts the parts, which are concatenated; if one of them is missing, the value is missing
 */
public record WebhookValue(List<Part> parts) {
    public WebhookValue {
        parts = List.copyOf(parts);
    }

    /** A part of the text. */
    public sealed interface Part {}

    /** A constant text. */
    public record Literal(String text) implements Part {}

    /**
     * A part that is taken from the call.
     *
     * @param path the path below the place; empty for the place itself
     */
    public record Taken(Place place, String path) implements Part {}

    /** The place from which a part is taken. */
    public enum Place {
        /** The body: its raw bytes in signed texts, or one of its fields. */
        BODY,
        /** The event: an item of {@code events}, or the body if there is no such list. */
        EVENT,
        HEADER,
        QUERY,
        /** The JSON that the text named by {@code decode} contains in Base64. */
        DECODED,
        /** The body as compact JSON. */
        JSON,
        /** The timestamp that is sent along with the signature. */
        TIMESTAMP,
        SECRET,
        /** The URL at which the integration receives webhooks. */
        URL,
        /** The hexadecimal HMAC-SHA256 of another value, with the secret as key. */
        HMAC,
        /** The hash of another value that is an e-mail address, as connections store it. */
        EMAIL_HASH
    }

    private static final Set<Place> WITH_PATH =
            Set.of(Place.HEADER, Place.QUERY, Place.DECODED, Place.HMAC, Place.EMAIL_HASH);
    private static final Set<Place> WITHOUT_PATH = Set.of(Place.JSON, Place.TIMESTAMP, Place.SECRET, Place.URL);

    /** Parses a name such as {@code header.x-event}, or a text with names in {@code ${}}. Empty if it is neither. */
    public static Optional<WebhookValue> parse(String text) {
        return text.contains("${") ? template(text) : name(text).map(part -> new WebhookValue(List.of(part)));
    }

    /** Parses a text in which only the names in {@code ${}} are replaced. Empty if one of the names is invalid. */
    public static Optional<WebhookValue> template(String text) {
        var parts = new ArrayList<Part>();
        int from = 0;
        for (int start = text.indexOf("${"); start >= 0; start = text.indexOf("${", from)) {
            int end = text.indexOf('}', start);
            var part = end < 0 ? Optional.<Taken>empty() : name(text.substring(start + 2, end));
            if (part.isEmpty()) {
                return Optional.empty();
            }
            if (start > from) {
                parts.add(new Literal(text.substring(from, start)));
            }
            parts.add(part.get());
            from = end + 1;
        }
        if (from < text.length()) {
            parts.add(new Literal(text.substring(from)));
        }
        return Optional.of(new WebhookValue(parts));
    }

    private static Optional<Taken> name(String name) {
        int dot = name.indexOf('.');
        var first = dot < 0 ? name : name.substring(0, dot);
        var path = dot < 0 ? "" : name.substring(dot + 1);
        for (var place : Place.values()) {
            if (place.name().toLowerCase(Locale.ROOT).equals(first)) {
                boolean wrong = path.isEmpty() ? dot >= 0 || WITH_PATH.contains(place) : WITHOUT_PATH.contains(place);
                return wrong ? Optional.empty() : Optional.of(new Taken(place, path));
            }
        }
        return Optional.empty();
    }

    /** The places that the value uses. */
    public Set<Place> places() {
        return parts.stream()
                .flatMap(
                        part -> part instanceof Taken taken ? Set.of(taken.place()).stream() : Set.<Place>of().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The name of the header if the value consists of one header only. */
    public Optional<String> header() {
        return parts.size() == 1 && parts.getFirst() instanceof Taken taken && taken.place() == Place.HEADER
                ? Optional.of(taken.path())
                : Optional.empty();
    }

    /** Whether the value needs the parsed body. The raw bytes do not. */
    boolean parsed() {
        return parts.stream()
                .anyMatch(part -> part instanceof Taken taken
                        && (taken.place() == Place.JSON
                                || (taken.place() == Place.BODY && !taken.path().isEmpty())));
    }
}
