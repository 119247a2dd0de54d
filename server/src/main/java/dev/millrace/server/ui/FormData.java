package dev.millrace.server.ui;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Request;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of a query string or of a form that was sent. */
final class FormData {
    private static final int MOST = 1_000;

    private final Map<String, List<String>> fields;

    private FormData(Map<String, List<String>> fields) {
        this.fields = fields;
    }

    static FormData ofQuery(Request request) {
        return parse(request.rawQuery());
    }

    /** The form in the body. Nothing larger than the field of an editor is accepted. */
    static FormData ofBody(Request request) {
        if (request.bodyFile().isPresent()) {
            throw Failure.plain(413, "request_too_large", "This form is larger than 256 KB.");
        }
        return parse(new String(request.body(), StandardCharsets.UTF_8));
    }

    static FormData parse(String raw) {
        var fields = new LinkedHashMap<String, List<String>>();
        if (!raw.isEmpty()) {
            for (var pair : raw.split("&", MOST)) {
                int equals = pair.indexOf('=');
                var name = decode(equals < 0 ? pair : pair.substring(0, equals));
                var value = equals < 0 ? "" : decode(pair.substring(equals + 1));
                fields.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
            }
        }
        return new FormData(fields);
    }

    private static String decode(String text) {
        try {
            var decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
            if (decoded.indexOf('\0') >= 0) {
                throw Failure.plain(400, "invalid_text", "A value contains the character NUL, which cannot be stored.");
            }
            // Browsers send line ends of text areas as CR LF.
            return decoded.replace("\r\n", "\n");
        } catch (IllegalArgumentException _) {
            return text;
        }
    }

    /** Empty when the field is missing or left empty. */
    Optional<String> find(String name) {
        return Optional.ofNullable(fields.get(name))
                .map(List::getFirst)
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    /** The value as it was typed; empty when the field is missing. */
    String text(String name) {
        var values = fields.get(name);
        return values == null ? "" : values.getFirst();
    }

    List<String> all(String name) {
        return List.copyOf(fields.getOrDefault(name, List.of()));
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }
}
