package dev.millrace.server.environment;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings that contain secrets. They are stored encrypted; the API never returns the secrets.
 *
 * @param hmacEnabled whether authorisations started by the app's page must be signed with the HMAC key
 * @param otlpEndpoint receives traces of operations
 * @param otlpHeaders sent with the traces
 */
public record SealedSettings(
        boolean hmacEnabled, Optional<String> hmacKey, Optional<String> otlpEndpoint, List<Header> otlpHeaders) {
    static final SealedSettings DEFAULTS = new SealedSettings(false, Optional.empty(), Optional.empty(), List.of());

    /** Shown in place of a secret. A client that sends it back leaves the secret unchanged. */
    private static final String MASK = "***";

    private static final int MOST_HEADERS = 100;
    private static final Text KEY = Text.between(1, 1000);
    private static final Text HEADER_NAME = Text.matching("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$");
    private static final Text HEADER_VALUE = Text.between(0, 8192);

    /** A header of a request. */
    public record Header(String name, String value) {}

    public SealedSettings {
        otlpHeaders = List.copyOf(otlpHeaders);
    }

    SealedSettings changed(Fields fields, UrlRule rule) {
        boolean enabled = hmacEnabled;
        var key = hmacKey;
        var endpoint = otlpEndpoint;
        var headers = otlpHeaders;
        if (fields.has("hmac")) {
            var hmac = fields.object("hmac");
            enabled = hmac.optionalFlag("enabled", enabled);
            key = secret(hmac, "key", key);
            hmac.close();
            if (enabled && key.isEmpty()) {
                fields.issue("custom", "Invalid input: \"enabled\" needs a \"key\"", "hmac", "key");
            }
        }
        if (fields.has("logs")) {
            var logs = fields.object("logs");
            endpoint = rule.read(logs, "otlp_endpoint", endpoint);
            headers = headers(logs, headers);
            logs.close();
        }
        return new SealedSettings(enabled, key, endpoint, headers);
    }

    private static Optional<String> secret(Fields fields, String name, Optional<String> before) {
        if (fields.has(name) && !fields.given(name)) {
            fields.any(name);
            return Optional.empty();
        }
        var value = fields.optionalText(name, KEY);
        return value.isEmpty() || value.get().equals(MASK) ? before : value;
    }

    private static List<Header> headers(Fields logs, List<Header> before) {
        var array = logs.optionalArray("otlp_headers");
        if (array.isEmpty()) {
            return before;
        }
        if (array.get().size() > MOST_HEADERS) {
            logs.issue("too_big", "Too big: expected array to have <=" + MOST_HEADERS + " items", "otlp_headers");
            return before;
        }
        var headers = new ArrayList<Header>();
        for (int i = 0; i < array.get().size(); i++) {
            var item = logs.item("otlp_headers", i, array.get().get(i));
            var name = item.text("name", HEADER_NAME);
            var value = item.text("value", HEADER_VALUE);
            item.close();
            var kept = value.equals(MASK) ? kept(before, name) : Optional.of(value);
            if (kept.isEmpty()) {
                item.issue("custom", "Invalid input: no value of this header is kept, so \"***\" keeps none", "value");
            }
            headers.add(new Header(name, kept.orElse("")));
        }
        return headers;
    }

    private static Optional<String> kept(List<Header> before, String name) {
        return before.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    /** The form with secrets, to be stored encrypted. */
    ObjectNode json() {
        return json(hmacKey.orElse(null), false);
    }

    /** The form that the API returns. */
    ObjectNode masked() {
        return json(hmacKey.map(_ -> MASK).orElse(null), true);
    }

    private ObjectNode json(@Nullable String key, boolean masked) {
        var json = Json.object();
        json.putObject("hmac").put("enabled", hmacEnabled).put("key", key);
        json.putObject("logs").put("otlp_endpoint", otlpEndpoint.orElse(null)).set("otlp_headers", headers(masked));
        return json;
    }

    private ArrayNode headers(boolean masked) {
        var headers = Json.array();
        otlpHeaders.forEach(
                header -> headers.addObject().put("name", header.name()).put("value", masked ? MASK : header.value()));
        return headers;
    }
}
