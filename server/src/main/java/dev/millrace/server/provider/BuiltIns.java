package dev.millrace.server.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** The built-in definitions. The build compiles them from YAML to JSON, one definition per line. */
final class BuiltIns {
    private static final String CATALOGUE = "/providers/catalogue.jsonl";

    private BuiltIns() {}

    /** Provider name → its line. */
    static Map<String, String> read() {
        var entries = new LinkedHashMap<String, String>();
        text().lines().forEach(line -> entries.put(line.substring(2, line.indexOf('"', 2)), line));
        return entries;
    }

    static ObjectNode parse(String name, String line) {
        return (ObjectNode) Json.parse(line).get(name);
    }

    private static String text() {
        try (var in = BuiltIns.class.getResourceAsStream(CATALOGUE)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + CATALOGUE + " is missing");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
