package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Payload;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a call. */
public sealed interface Body {
    String FORM = "application/x-www-form-urlencoded";

    /** No body. */
    record None() implements Body {}

    /** JSON text, passed on unchanged so that numbers keep their digits and keys their order. */
    record JsonText(byte[] bytes) implements Body {}

    /** A URL-encoded form, already encoded. */
    record Form(String encoded) implements Body {}

    /** Any other body with its content type; an empty type sends none. */
    record Bytes(String contentType, byte[] bytes) implements Body {}

    /** A body that is too large for memory, with its content type; an empty type sends none. */
    record Large(String contentType, Payload bytes) implements Body {}

    /**
     * A body from a function. Objects and lists become JSON, or a form if the content type says so; a text is sent
     * unchanged.
     */
    static Body of(Optional<JsonNode> data, Optional<String> contentType) {
        if (data.isEmpty() || data.get().isNull()) {
            return new None();
        }
        var node = data.get();
        var type = contentType.orElse("").toLowerCase(Locale.ROOT);
        if (node.isString()) {
            return new Bytes(contentType.orElse(FORM), node.stringValue().getBytes(UTF_8));
        }
        if (type.startsWith(FORM) && node instanceof ObjectNode object) {
            return new Form(encode(object));
        }
        return new JsonText(Json.bytes(node));
    }

    /** The fields of an object as a form; nested fields as {@code a[b]}. */
    static String encode(ObjectNode object) {
        var pairs = new ArrayList<String>();
        object.properties().forEach(field -> pairs(field.getKey(), field.getValue(), pairs));
        return String.join("&", pairs);
    }

    private static void pairs(String name, JsonNode value, List<String> pairs) {
        if (value.isObject()) {
            value.properties().forEach(field -> pairs(name + '[' + field.getKey() + ']', field.getValue(), pairs));
        } else if (value.isArray()) {
            value.forEach(item -> pairs(name + "[]", item, pairs));
        } else {
            pairs.add(URLEncoder.encode(name, UTF_8) + '=' + URLEncoder.encode(value.asString(""), UTF_8));
        }
    }

    /** The content type to send unless a header overrides it. */
    default String type() {
        return switch (this) {
            case None _ -> "";
            case JsonText _ -> "application/json";
            case Form _ -> FORM;
            case Bytes other -> other.contentType();
            case Large large -> large.contentType();
        };
    }

    default Payload payload() {
        return this instanceof Large large ? large.bytes() : Payload.of(content());
    }

    /** The bytes in memory; empty when there are too many. */
    default byte[] content() {
        return switch (this) {
            case None _, Large _ -> new byte[0];
            case JsonText json -> json.bytes();
            case Form form -> form.encoded().getBytes(UTF_8);
            case Bytes other -> other.bytes();
        };
    }
}
