package dev.millrace.server.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * The definitions that come with the server. Their files are cut into entries by indentation and parsed one by one
 * when asked for, because parsing all of them would be the longest part of the start.
 */
final class BuiltIns {
    private static final List<String> FILES = List.of("generic.yaml", "apis.yaml");

    private BuiltIns() {}

    /** Provider name → its part of the file. */
    static Map<String, String> read() {
        var entries = new LinkedHashMap<String, String>();
        for (var file : FILES) {
            cut(text(file), entries);
        }
        return entries;
    }

    private static void cut(String text, Map<String, String> entries) {
        int start = -1;
        for (int line = 0; line < text.length(); line = next(text, line)) {
            char first = text.charAt(line);
            if (first != ' ' && first != '#' && first != '\n') {
                put(text, start, line, entries);
                start = line;
            }
        }
        put(text, start, text.length(), entries);
    }

    private static int next(String text, int line) {
        int end = text.indexOf('\n', line);
        return end < 0 ? text.length() : end + 1;
    }

    private static void put(String text, int start, int end, Map<String, String> entries) {
        if (start >= 0) {
            entries.put(text.substring(start, text.indexOf(':', start)), text.substring(start, end));
        }
    }

    static ObjectNode parse(String name, String text) {
        return (ObjectNode) Yaml.MAPPER.readTree(text).get(name);
    }

    private static String text(String file) {
        try (var in = BuiltIns.class.getResourceAsStream("/providers/" + file)) {
            if (in == null) {
                throw new IllegalStateException("the resource providers/" + file + " is missing");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
