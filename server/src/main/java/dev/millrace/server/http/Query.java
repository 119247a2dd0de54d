package dev.millrace.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Parses a query string with nested keys in brackets and repeated keys into a JSON object of texts. */
final class Query {
    private static final int MOST_ITEMS = 1_000;

    private Query() {}

    static ObjectNode parse(String raw) {
        var result = Json.object();
        if (raw.isEmpty()) {
            return result;
        }
        for (var pair : raw.split("&", MOST_ITEMS)) {
            int equals = pair.indexOf('=');
            var name = decode(equals < 0 ? pair : pair.substring(0, equals));
            if (!name.isEmpty()) {
                put(result, name, equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return result;
    }

    private static void put(ObjectNode result, String name, String value) {
        int bracket = name.indexOf('[');
        if (bracket <= 0 || !name.endsWith("]")) {
            add(result, name, value, false);
            return;
        }
        var outer = name.substring(0, bracket);
        var inner = name.substring(bracket + 1, name.length() - 1);
        if (inner.isEmpty() || inner.chars().allMatch(Character::isDigit)) {
            add(result, outer, value, true);
        } else if (result.get(outer) instanceof ObjectNode nested) {
            add(nested, inner, value, false);
        } else {
            result.putObject(outer).put(inner, value);
        }
    }

    private static void add(ObjectNode result, String name, String value, boolean list) {
        switch (result.get(name)) {
            case null -> {
                if (list) {
                    result.putArray(name).add(value);
                } else {
                    result.put(name, value);
                }
            }
            case ArrayNode array -> array.add(value);
            case ObjectNode object -> object.put(value, true);
            case tools.jackson.databind.JsonNode first ->
                result.set(name, JsonNodeFactory.instance.arrayNode().add(first).add(value));
        }
    }

    private static String decode(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
