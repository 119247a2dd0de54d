package dev.millrace.server.provider;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** One file of definitions, read but not yet checked. */
record DefinitionFile(Path path, Map<String, ObjectNode> definitions) {
    /** Reads the files in their order; what cannot be read is added to the faults. */
    static List<DefinitionFile> in(List<Path> places, List<String> faults) {
        var files = new ArrayList<DefinitionFile>();
        for (var place : places) {
            try {
                for (var path : paths(place)) {
                    files.add(read(path, faults));
                }
            } catch (IOException e) {
                faults.add(place + ": cannot be read: " + e);
            }
        }
        return files;
    }

    static List<Path> paths(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return List.of(place);
        }
        try (var children = Files.list(place)) {
            return children.filter(path ->
                            path.toString().endsWith(".yaml") || path.toString().endsWith(".yml"))
                    .sorted()
                    .toList();
        }
    }

    private static DefinitionFile read(Path path, List<String> faults) throws IOException {
        var definitions = new LinkedHashMap<String, ObjectNode>();
        for (var entry : tree(path, faults).properties()) {
            if (entry.getValue() instanceof ObjectNode definition) {
                definitions.put(entry.getKey(), definition);
            } else {
                faults.add(path + ": provider '" + entry.getKey() + "': must be a map of keys");
            }
        }
        return new DefinitionFile(path, definitions);
    }

    private static JsonNode tree(Path path, List<String> faults) throws IOException {
        try {
            var text = Files.readString(path).replace("\r\n", "\n");
            var tree = quickly(text).orElseGet(() -> Yaml.MAPPER.readTree(text));
            if (!tree.isObject() && !tree.isMissingNode() && !tree.isNull()) {
                faults.add(path + ": must be a map from provider names to definitions");
            }
            return tree;
        } catch (JacksonException e) {
            var at = e.getLocation();
            faults.add(path + (at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr()) + ": "
                    + e.getOriginalMessage());
            return Json.object();
        }
    }

    /** A large file piece by piece: what is beyond the quick reader costs that piece's time only. */
    private static Optional<JsonNode> quickly(String text) {
        if (text.startsWith("{")) {
            return PlainYaml.read(text).map(JsonNode.class::cast);
        }
        var whole = Json.object();
        for (var entry :
                PlainYaml.cut(text).parallelStream().map(DefinitionFile::entry).toList()) {
            if (entry.size() != 1) {
                return Optional.empty();
            }
            var name = entry.propertyNames().iterator().next();
            if (whole.replace(name, entry.get(name)) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(whole);
    }

    private static JsonNode entry(String piece) {
        var plain = PlainYaml.read(piece);
        try {
            return plain.isPresent() ? plain.get() : Yaml.MAPPER.readTree(piece);
        } catch (JacksonException e) {
            // Where in the file it is, the library tells when it reads the whole.
            return MissingNode.getInstance();
        }
    }
}
