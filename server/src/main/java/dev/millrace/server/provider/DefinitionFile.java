package dev.millrace.server.provider;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file of definitions. It is split into definitions by its lines, and each is parsed when it is first used. A fault
 * in one definition does not affect the others, and the start parses none.
 */
final class DefinitionFile {
    /** A key at the beginning of a line, quoted or not. */
    private static final Pattern KEY =
            Pattern.compile("(?:\"([^\"]+)\"|'([^']+)'|([^\\s\"'#&*!|>%@`{\\[\\]},?-][^:]*)):(?:\\s.*)?");

    private final Path path;
    private final Map<String, Supplier<ObjectNode>> definitions = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();

    private DefinitionFile(Path path) {
        this.path = path;
    }

    /** The lines of one definition. */
    private record Piece(String name, int line, StringBuilder text) {}

    /** Reads the files in order; files that cannot be read are added to the faults. */
    static List<DefinitionFile> in(List<Path> places, List<String> faults) {
        var files = new ArrayList<DefinitionFile>();
        for (var place : places) {
            try {
                for (var path : paths(place)) {
                    var file = new DefinitionFile(path);
                    file.read();
                    faults.addAll(file.faults);
                    files.add(file);
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

    Path path() {
        return path;
    }

    /** Name → the function that parses the definition, or throws {@link ProviderException}. */
    Map<String, Supplier<ObjectNode>> definitions() {
        return definitions;
    }

    private void read() throws IOException {
        var text = Files.readString(path).replace("\r\n", "\n");
        var pieces = new ArrayList<Piece>();
        if (cut(text, pieces)) {
            pieces.forEach(this::add);
        } else {
            whole(text);
        }
    }

    private void add(Piece piece) {
        if (definitions.containsKey(piece.name())) {
            faults.add(path + ":" + piece.line() + ": provider '" + piece.name()
                    + "': is defined twice in this file; remove or rename one");
        } else {
            definitions.put(piece.name(), () -> parse(piece));
        }
    }

    /** False when the file is not a block-style map whose keys each begin a line. */
    private static boolean cut(String text, List<Piece> pieces) {
        int number = 0;
        for (var line : (Iterable<String>) text.lines()::iterator) {
            number++;
            boolean continues = line.isEmpty() || " #]}".indexOf(line.charAt(0)) >= 0;
            if (!continues) {
                var key = KEY.matcher(line);
                if (!key.matches()) {
                    return false;
                }
                pieces.add(new Piece(name(key), number, new StringBuilder()));
            }
            if (!pieces.isEmpty()) {
                pieces.getLast().text().append(line).append('\n');
            }
        }
        return true;
    }

    private static String name(java.util.regex.Matcher key) {
        for (int group = 1; group <= 2; group++) {
            if (key.group(group) != null) {
                return key.group(group);
            }
        }
        return key.group(3).strip();
    }

    private ObjectNode parse(Piece piece) {
        try {
            return definition(Yaml.MAPPER.readTree(piece.text().toString()).path(piece.name()));
        } catch (JacksonException e) {
            throw new ProviderException(List.of(syntax(e, piece.line() - 1)));
        }
    }

    private void whole(String text) {
        JsonNode tree;
        try {
            tree = Yaml.MAPPER.readTree(text);
        } catch (JacksonException e) {
            faults.add(path + ": " + syntax(e, 0));
            return;
        }
        if (!tree.isObject() && !tree.isMissingNode() && !tree.isNull()) {
            faults.add(path + ": must be a map from provider names to definitions");
        }
        for (var entry : tree.properties()) {
            definitions.put(entry.getKey(), () -> definition(entry.getValue()));
        }
    }

    private static ObjectNode definition(JsonNode value) {
        if (value instanceof ObjectNode definition) {
            return definition;
        }
        throw new ProviderException(List.of("must be a map of keys, not " + Json.text(value)));
    }

    private static String syntax(JacksonException e, int linesBefore) {
        var at = e.getLocation();
        var place = at == null ? "" : "line " + (at.getLineNr() + linesBefore) + ", column " + at.getColumnNr() + ": ";
        return place + String.valueOf(e.getOriginalMessage()).replaceAll("\\s*\\n\\s*", " ");
    }
}
