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
            for (var entry : PlainYaml.cut(text(file))) {
                entries.put(entry.substring(0, entry.indexOf(':')), entry);
            }
        }
        return entries;
    }

    static ObjectNode parse(String name, String text) {
        var entry = PlainYaml.read(text);
        return (ObjectNode) (entry.isPresent() ? entry.get() : Yaml.MAPPER.readTree(text)).get(name);
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
