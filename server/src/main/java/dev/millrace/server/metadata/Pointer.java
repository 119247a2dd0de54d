package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A location inside a JSON value (RFC 6901). */
record Pointer(String text, List<String> tokens) {
    private static final Pattern BROKEN_ESCAPE = Pattern.compile("~(?![01])");
    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");

    Pointer {
        tokens = List.copyOf(tokens);
    }

    /** Empty when the text is not a JSON Pointer. */
    static Optional<Pointer> parse(String text) {
        if (BROKEN_ESCAPE.matcher(text).find() || !(text.isEmpty() || text.startsWith("/"))) {
            return Optional.empty();
        }
        var tokens = new ArrayList<String>();
        if (!text.isEmpty()) {
            for (var token : text.substring(1).split("/", -1)) {
                tokens.add(token.replace("~1", "/").replace("~0", "~"));
            }
        }
        return Optional.of(new Pointer(text, tokens));
    }

    /** A key with the escapes of a pointer. */
    static String escape(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    boolean isRoot() {
        return tokens.isEmpty();
    }

    String last() {
        return tokens.getLast();
    }

    /** Whether it refers to a location inside that of the other pointer. */
    boolean isBelow(Pointer other) {
        return tokens.size() > other.tokens.size()
                && tokens.subList(0, other.tokens.size()).equals(other.tokens);
    }

    Optional<JsonNode> find(JsonNode root) {
        return find(root, tokens);
    }

    /** The container of the location. */
    Optional<JsonNode> findParent(JsonNode root) {
        return find(root, tokens.subList(0, tokens.size() - 1));
    }

    private static Optional<JsonNode> find(JsonNode root, List<String> tokens) {
        @Nullable JsonNode node = root;
        for (var token : tokens) {
            node = switch (node) {
                case ObjectNode object -> object.get(token);
                case ArrayNode array ->
                    index(token, array.size() - 1).map(array::get).orElse(null);
                default -> null;
            };
            if (node == null) {
                return Optional.empty();
            }
        }
        return Optional.of(node);
    }

    /** The token as an array index, if it is one up to {@code last}. */
    static Optional<Integer> index(String token, int last) {
        return Optional.of(token)
                .filter(t -> INDEX.matcher(t).matches())
                .map(Integer::valueOf)
                .filter(i -> i <= last);
    }

    /** The location does not exist. */
    Failure notFound() {
        return Failure.plain(409, "metadata_path_not_found", "The metadata has nothing at \"" + text + "\".");
    }
}
