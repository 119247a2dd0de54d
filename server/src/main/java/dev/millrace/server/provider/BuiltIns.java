package dev.millrace.server.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * The definitions that come with the server: YAML files which the build has compiled to JSON, a file for each. A start
 * reads their names only.
 */
final class BuiltIns {
    private static final String FOLDER = "/providers/";

    private BuiltIns() {}

    /** In the order of the alphabet. */
    static List<String> names() {
        return text("index").lines().toList();
    }

    /** @param name one of {@link #names} */
    static ObjectNode read(String name) {
        return Json.parseObject(text(name + ".json"));
    }

    private static String text(String file) {
        try (var in = BuiltIns.class.getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + FOLDER + file + " is missing");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
