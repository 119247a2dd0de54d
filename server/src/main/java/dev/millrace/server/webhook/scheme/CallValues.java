package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.WebhookValue;
import dev.millrace.server.provider.WebhookValue.Literal;
import dev.millrace.server.provider.WebhookValue.Taken;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Resolves the values that the rules take from a call.
 *
 * @param event the body, or one item of it
 * @param decoded the JSON that the body contains in Base64, or a missing node
 * @param url the URL at which the integration receives webhooks
 * @param secret the secret, for values that are signed or contain it
 * @param timestamp the timestamp as it was sent
 */
record CallValues(
        ProviderCall call,
        JsonNode body,
        JsonNode event,
        JsonNode decoded,
        Optional<String> url,
        Optional<String> secret,
        Optional<String> timestamp) {

    static CallValues of(ProviderCall call, JsonNode body, IntegrationKeys keys) {
        var none = JsonNodeFactory.instance.missingNode();
        return new CallValues(call, body, body, none, keys.get("webhook_url"), Optional.empty(), Optional.empty());
    }

    /** @param place the value that contains JSON in Base64, in the standard or the URL-safe alphabet */
    CallValues decoding(WebhookValue place) {
        var found = text(place).flatMap(CallValues::json).orElseGet(() -> JsonNodeFactory.instance.missingNode());
        return new CallValues(call, body, event, found, url, secret, timestamp);
    }

    private static Optional<JsonNode> json(String base64) {
        try {
            var text = base64.replace('-', '+').replace('_', '/');
            return Optional.of(Json.parse(Base64.getDecoder().decode(text)));
        } catch (IllegalArgumentException | JacksonException _) {
            return Optional.empty();
        }
    }

    CallValues at(JsonNode item) {
        return new CallValues(call, body, item, decoded, url, secret, timestamp);
    }

    CallValues with(Optional<String> key, Optional<String> time) {
        return new CallValues(call, body, event, decoded, url, key, time);
    }

    /** The first value that is present. */
    Optional<String> first(List<WebhookValue> values) {
        return values.stream().flatMap(value -> text(value).stream()).findFirst();
    }

    /** The value as text; empty if a part is missing or the text is empty. */
    Optional<String> text(WebhookValue value) {
        var text = new StringBuilder();
        for (var part : value.parts()) {
            switch (part) {
                case Literal literal -> text.append(literal.text());
                case Taken taken -> {
                    var found = text(taken);
                    if (found.isEmpty()) {
                        return Optional.empty();
                    }
                    text.append(found.get());
                }
            }
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text.toString());
    }

    private Optional<String> text(Taken taken) {
        return switch (taken.place()) {
            case BODY -> Fields.text(body, taken.path());
            case EVENT -> Fields.text(event, taken.path());
            case HEADER -> call.header(taken.path()).filter(header -> !header.isEmpty());
            case QUERY -> Optional.ofNullable(call.query().get(taken.path())).filter(parameter -> !parameter.isEmpty());
            case JSON -> body.isMissingNode() ? Optional.empty() : Optional.of(Json.text(body));
            case TIMESTAMP -> timestamp;
            case SECRET -> secret;
            case URL -> url;
            case DECODED -> Fields.text(decoded, taken.path());
            case EMAIL_HASH -> other(taken.path()).flatMap(EmailHash::address).map(EmailHash::of);
            case HMAC -> secret.flatMap(key -> signed(key, taken.path()));
        };
    }

    private Optional<String> other(String name) {
        return WebhookValue.parse(name).flatMap(this::text);
    }

    private Optional<String> signed(String key, String name) {
        return other(name)
                .map(text ->
                        HexFormat.of().formatHex(Crypto.hmac("sha256", key.getBytes(UTF_8), text.getBytes(UTF_8))));
    }

    /** The bytes that are signed. The body is used as received. Empty if a part is missing. */
    Optional<byte[]> bytes(WebhookValue value) {
        if (value.parts().size() == 1 && value.parts().getFirst() instanceof Taken taken) {
            return bytes(taken);
        }
        var bytes = new ByteArrayOutputStream(call.body().length + 100);
        for (var part : value.parts()) {
            switch (part) {
                case Literal literal -> bytes.writeBytes(literal.text().getBytes(UTF_8));
                case Taken taken -> {
                    var found = bytes(taken);
                    if (found.isEmpty()) {
                        return Optional.empty();
                    }
                    bytes.writeBytes(found.get());
                }
            }
        }
        return Optional.of(bytes.toByteArray());
    }

    private Optional<byte[]> bytes(Taken taken) {
        boolean raw = taken.place() == WebhookValue.Place.BODY && taken.path().isEmpty();
        return raw ? Optional.of(call.body()) : text(taken).map(text -> text.getBytes(UTF_8));
    }

    /** The JSON node that the value names, or a missing node. */
    JsonNode node(WebhookValue value) {
        return value.parts().size() == 1 && value.parts().getFirst() instanceof Taken taken
                ? Fields.at(taken.place() == WebhookValue.Place.EVENT ? event : body, taken.path())
                : JsonNodeFactory.instance.missingNode();
    }
}
