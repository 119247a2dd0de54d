package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Parses a URL-encoded form into an object: {@code a[b]} nests, {@code a[]} and repeated names become lists. */
final class FormFields {
    private static final int DEEPEST = 5;

    private FormFields() {}

    static ObjectNode parse(String form) {
        var fields = Json.object();
        for (var pair : form.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                var name = equals < 0 ? pair : pair.substring(0, equals);
                put(fields, path(decode(name)), equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** {@code a[b][]} becomes {@code a, b, ""}; a name in another form, or one that is too deep, is a single key. */
    private static List<String> path(String name) {
        int open = name.indexOf('[');
        if (open <= 0 || !name.endsWith("]")) {
            return List.of(name);
        }
        var keys = new ArrayList<>(List.of(name.substring(0, open)));
        keys.addAll(List.of(name.substring(open + 1, name.length() - 1).split("]\\[", -1)));
        return keys.size() > DEEPEST + 1 ? List.of(name) : keys;
    }

    private static void put(ObjectNode fields, List<String> path, String value) {
        var at = fields;
        boolean list = path.size() > 1 && path.getLast().isEmpty();
        var keys = list ? path.subList(0, path.size() - 1) : path;
        for (var key : keys.subList(0, keys.size() - 1)) {
            at = at.get(key) instanceof ObjectNode nested ? nested : at.putObject(key);
        }
        var last = keys.getLast();
        switch (at.get(last)) {
            case null -> {
                if (list) {
                    at.putArray(last).add(value);
                } else {
                    at.put(last, value);
                }
            }
            case ArrayNode values -> values.add(value);
            case JsonNode first -> at.putArray(last).add(first).add(value);
        }
    }
}
