package dev.millrace.server.ui;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** The sentence in an error that was logged as JSON. */
final class ErrorText {
    private static final List<String> PLACES = List.of(
            "/message", "/payload/message", "/error/message", "/payload/error/message", "/payload/error", "/error");
    private static final int MOST = 240;

    private ErrorText() {}

    static String of(Optional<String> json) {
        return json.map(ErrorText::of).orElse("The log has no cause.");
    }

    private static String of(String json) {
        try {
            var tree = Json.parse(json);
            var type = tree.path("type").asString("");
            for (var place : PLACES) {
                var text = tree.at(place).asString("");
                if (!text.isBlank()) {
                    return View.shortened(text.strip(), MOST);
                }
            }
            return type.isEmpty() ? View.shortened(json, MOST) : type.replace('_', ' ');
        } catch (JacksonException _) {
            return View.shortened(json, MOST);
        }
    }

    /** The same, with a full stop. */
    static String sentence(String text) {
        return text.isEmpty() || ".!?…".indexOf(text.charAt(text.length() - 1)) >= 0 ? text : text + '.';
    }

    /** The type of the error; empty when it has none. */
    static String type(Optional<String> json) {
        try {
            return json.map(text -> Json.parse(text).path("type").asString("")).orElse("");
        } catch (JacksonException _) {
            return "";
        }
    }
}
