package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a webhook as JSON.
 *
 * @param body the parsed body; a missing node if there is none
 * @param valid whether the body conforms to its content type
 */
record Payload(JsonNode body, boolean valid) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** The payload of a call without a body. */
    static final Payload NONE = new Payload(NODES.missingNode(), true);

    private static final Payload INVALID = new Payload(NODES.missingNode(), false);

    /** @param formField the form field that contains the payload as JSON */
    static Payload of(ProviderCall call, Optional<String> formField) {
        if (call.body().length == 0) {
            return NONE;
        }
        var type = call.header("content-type").orElse("").toLowerCase(Locale.ROOT);
        int end = type.indexOf(';');
        var plain = (end < 0 ? type : type.substring(0, end)).strip();
        if (plain.endsWith("/json") || plain.endsWith("+json")) {
            return json(call.body());
        }
        if (plain.equals("application/x-www-form-urlencoded")) {
            return form(new String(call.body(), UTF_8), formField);
        }
        return other(call.body());
    }

    /** The body, or an empty object if there is none. */
    JsonNode orEmpty() {
        return body.isMissingNode() ? Json.object() : body;
    }

    private static Payload json(byte[] bytes) {
        try {
            return new Payload(Json.parse(bytes), true);
        } catch (JacksonException _) {
            return INVALID;
        }
    }

    private static Payload form(String text, Optional<String> jsonField) {
        var form = Json.object();
        for (var pair : text.split("&", -1)) {
            int equal = pair.indexOf('=');
            try {
                var name = URLDecoder.decode(equal < 0 ? pair : pair.substring(0, equal), UTF_8);
                var value = equal < 0 ? "" : URLDecoder.decode(pair.substring(equal + 1), UTF_8);
                if (!name.isEmpty()) {
                    add(form, name, value);
                }
            } catch (IllegalArgumentException _) {
                return INVALID;
            }
        }
        var field = jsonField.flatMap(name -> Fields.text(form.path(name)));
        return field.isPresent() ? json(field.get().getBytes(UTF_8)) : new Payload(form, true);
    }

    /** Adds a form field. If a name occurs several times, its values form a list. */
    private static void add(ObjectNode form, String name, String value) {
        switch (form.get(name)) {
            case null -> form.put(name, value);
            case ArrayNode list -> list.add(value);
            case JsonNode first -> form.putArray(name).add(first).add(value);
        }
    }

    /**
     * Parses a body of another content type, because some senders of JSON declare a wrong type. Binary data becomes
     * Base64.
     */
    private static Payload other(byte[] bytes) {
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            return new Payload(NODES.stringNode(Base64.getEncoder().encodeToString(bytes)), true);
        }
        var begin = text.stripLeading();
        if (begin.startsWith("{") || begin.startsWith("[")) {
            var json = json(bytes);
            if (json.valid()) {
                return json;
            }
        }
        return new Payload(NODES.stringNode(text), true);
    }
}
