package dev.millrace.server.webhook.scheme;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A webhook as it arrived.
 *
 * @param headers by their names in lower case; several values of one name are joined with a comma
 * @param query only the parameters that the provider's definition permits
 * @param body the raw bytes, after a content encoding was undone
 */
public record ProviderCall(Map<String, String> headers, Map<String, String> query, byte[] body) {
    public ProviderCall {
        headers = Map.copyOf(headers);
        query = Map.copyOf(query);
    }

    /** The value of a header, whatever the case of the name. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }
}
