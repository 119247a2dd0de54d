package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Patch (RFC 6902): a list of operations that are all applied or none. Immutable. */
final class JsonPatch {
    private final List<Operation> operations;

    private JsonPatch(List<Operation> operations) {
        this.operations = List.copyOf(operations);
    }

    private sealed interface Operation {}

    private record Add(Pointer at, JsonNode value) implements Operation {}

    private record Remove(Pointer at) implements Operation {}

    private record Replace(Pointer at, JsonNode value) implements Operation {}

    private record Move(Pointer from, Pointer to) implements Operation {}

    private record Copy(Pointer from, Pointer to) implements Operation {}

    private record Test(Pointer at, JsonNode value) implements Operation {}

    /**
     * Parses a patch.
     *
     * @param field name of the body's field, for messages
     */
    static JsonPatch read(JsonNode patch, String... field) {
        if (!(patch instanceof ArrayNode items)) {
            throw Part.BODY.refuse(
                    "invalid_type", "Invalid input: a JSON Patch is an array of operations (RFC 6902)", field);
        }
        var operations = new ArrayList<Operation>();
        for (int i = 0; i < items.size(); i++) {
            var path = new ArrayList<>(List.of(field));
            path.add(String.valueOf(i));
            operations.add(new Reader(items.get(i), path).operation());
        }
        return new JsonPatch(operations);
    }

    private record Reader(JsonNode item, List<String> path) {
        Operation operation() {
            return switch (item.path("op").asString("")) {
                case "add" -> new Add(pointer("path"), value());
                case "remove" -> new Remove(pointer("path"));
                case "replace" -> new Replace(pointer("path"), value());
                case "move" -> move();
                case "copy" -> new Copy(pointer("from"), pointer("path"));
                case "test" -> new Test(pointer("path"), value());
                default ->
                    throw refuse(
                            "invalid_value",
                            "Invalid option: expected one of \"add\"|\"remove\"|\"replace\"|\"move\"|\"copy\"|\"test\"",
                            "op");
            };
        }

        private Move move() {
            var move = new Move(pointer("from"), pointer("path"));
            if (move.to().isBelow(move.from())) {
                throw refuse("custom", "A value cannot be moved into itself", "path");
            }
            return move;
        }

        private JsonNode value() {
            var value = item.get("value");
            if (value == null) {
                throw refuse("invalid_type", "Invalid input: the operation needs a value", "value");
            }
            return value;
        }

        private Pointer pointer(String name) {
            var text = item.get(name);
            if (text == null || !text.isString()) {
                throw refuse("invalid_type", "Invalid input: expected string", name);
            }
            return Pointer.parse(text.stringValue())
                    .orElseThrow(() -> refuse(
                            "invalid_format",
                            "Invalid JSON Pointer: begin with \"/\", write ~ as ~0 and / as ~1",
                            name));
        }

        private Failure refuse(String code, String message, String name) {
            var at = new ArrayList<>(path);
            at.add(name);
            return Part.BODY.refuse(code, message, at.toArray(String[]::new));
        }
    }

    /** The document after all operations. The given document may be modified. */
    JsonNode apply(JsonNode document) {
        var result = document;
        for (var operation : operations) {
            result = switch (operation) {
                case Add add -> add(result, add.at(), add.value());
                case Remove remove -> remove(result, remove.at());
                case Replace replace -> replace(result, replace.at(), replace.value());
                case Move move -> move(result, move);
                case Copy copy -> add(result, copy.to(), existing(result, copy.from()));
                case Test test -> test(result, test);
            };
        }
        return result;
    }

    private static JsonNode existing(JsonNode root, Pointer at) {
        return at.find(root).orElseThrow(at::notFound);
    }

    private static JsonNode add(JsonNode root, Pointer at, JsonNode given) {
        var value = given.deepCopy();
        if (at.isRoot()) {
            return value;
        }
        switch (at.findParent(root).orElseThrow(at::notFound)) {
            case ObjectNode object -> object.set(at.last(), value);
            case ArrayNode array ->
                array.insert(
                        at.last().equals("-")
                                ? array.size()
                                : Pointer.index(at.last(), array.size()).orElseThrow(at::notFound),
                        value);
            default -> throw at.notFound();
        }
        return root;
    }

    static JsonNode remove(JsonNode root, Pointer at) {
        existing(root, at);
        if (at.isRoot()) {
            return Json.object().nullNode();
        }
        switch (at.findParent(root).orElseThrow(at::notFound)) {
            case ObjectNode object -> object.remove(at.last());
            case ArrayNode array -> array.remove(Integer.parseInt(at.last()));
            default -> throw at.notFound();
        }
        return root;
    }

    private static JsonNode replace(JsonNode root, Pointer at, JsonNode given) {
        existing(root, at);
        if (at.isRoot()) {
            return given.deepCopy();
        }
        switch (at.findParent(root).orElseThrow(at::notFound)) {
            case ObjectNode object -> object.set(at.last(), given.deepCopy());
            case ArrayNode array -> array.set(Integer.parseInt(at.last()), given.deepCopy());
            default -> throw at.notFound();
        }
        return root;
    }

    private static JsonNode move(JsonNode root, Move move) {
        var value = existing(root, move.from());
        return move.from().equals(move.to()) ? root : add(remove(root, move.from()), move.to(), value);
    }

    private static JsonNode test(JsonNode root, Test test) {
        var found = existing(root, test.at());
        if (!Numbers.equal(found, test.value())) {
            throw Failure.plain(
                    409,
                    "metadata_test_failed",
                    "The metadata at \"" + test.at().text() + "\" is not what the patch's test expects.");
        }
        return root;
    }
}
