package dev.millrace.server.webhook.scheme;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A webhook call as received.
 *
 * @param headers headers by lower-case name; several values of one header are joined with a comma
 * @param query only the query parameters that the provider definition permits
 * @param body the raw bytes after content decoding
 */
public record ProviderCall(Map<String, String> headers, Map<String, String> query, byte[] body) {
    public ProviderCall {
        headers = Map.copyOf(headers);
        query = Map.copyOf(query);
    }

    /** The value of a header. The name is case-insensitive. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }
}
