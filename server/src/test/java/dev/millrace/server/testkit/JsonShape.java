package dev.millrace.server.testkit;

import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Compares JSON with an expectation in the language of {@code contract/README.md}. */
public final class JsonShape {
    private static final String MORE = "@more";
    private static final String EACH = "@each";
    private static final String OPTIONAL = "@optional:";
    private static final Pattern ISO =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");
    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern CURSOR = Pattern.compile("\\S{1,1000}");

    private static final Map<String, Predicate<JsonNode>> WORDS = Map.of(
            "@any", _ -> true,
            "@string", JsonNode::isString,
            "@number", JsonNode::isNumber,
            "@boolean", JsonNode::isBoolean,
            "@iso", node -> matches(node, ISO),
            "@uuid", node -> matches(node, UUID),
            "@cursor", node -> matches(node, CURSOR));

    private JsonShape() {}

    private static boolean matches(JsonNode node, Pattern pattern) {
        return node.isString() && pattern.matcher(node.stringValue()).matches();
    }

    /** The first difference, with its path; empty when there is none. */
    public static Optional<String> difference(JsonNode expected, @Nullable JsonNode actual) {
        return difference("$", expected, actual);
    }

    private static Optional<String> difference(String path, JsonNode expected, @Nullable JsonNode actual) {
        if (expected.isString() && expected.stringValue().startsWith("@")) {
            return word(path, expected.stringValue(), actual);
        }
        if (actual == null) {
            return differs(path, expected, actual);
        }
        if (expected instanceof ObjectNode object && actual instanceof ObjectNode other) {
            return object(path, object, other);
        }
        if (expected instanceof ArrayNode array && actual instanceof ArrayNode other) {
            return isEach(array) ? each(path, array, other) : array(path, array, other);
        }
        boolean numbers = expected.isNumber() && actual.isNumber();
        boolean same =
                numbers ? expected.decimalValue().compareTo(actual.decimalValue()) == 0 : expected.equals(actual);
        return same ? Optional.empty() : differs(path, expected, actual);
    }

    private static Optional<String> differs(String path, Object expected, @Nullable JsonNode actual) {
        return Optional.of(path + ": expected " + expected + ", got " + (actual == null ? "nothing" : actual));
    }

    private static Optional<String> word(String path, String word, @Nullable JsonNode actual) {
        if (word.equals("@absent")) {
            return actual == null ? Optional.empty() : differs(path, "nothing", actual);
        }
        if ((word.equals("@any") || word.startsWith(OPTIONAL)) && actual == null) {
            return Optional.empty();
        }
        var name = word.startsWith(OPTIONAL) ? "@" + word.substring(OPTIONAL.length()) : word;
        var test = WORDS.get(name);
        if (test == null) {
            throw new IllegalArgumentException("no expectation is called " + word);
        }
        return actual != null && test.test(actual) ? Optional.empty() : differs(path, word, actual);
    }

    private static Optional<String> object(String path, ObjectNode expected, ObjectNode actual) {
        for (var field : expected.properties()) {
            if (!field.getKey().equals(MORE)) {
                var found = difference(path + "." + field.getKey(), field.getValue(), actual.get(field.getKey()));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        if (expected.has(MORE)) {
            return Optional.empty();
        }
        return actual.properties().stream()
                .filter(field -> !expected.has(field.getKey()))
                .findFirst()
                .flatMap(field -> differs(path + "." + field.getKey(), "nothing", field.getValue()));
    }

    private static boolean isEach(ArrayNode expected) {
        return expected.path(0).asString("").equals(EACH);
    }

    private static Optional<String> each(String path, ArrayNode expected, ArrayNode actual) {
        if (expected.has(2) && actual.size() != expected.get(2).intValue()) {
            return Optional.of(path + ": expected " + expected.get(2) + " elements, got " + actual.size());
        }
        for (int i = 0; i < actual.size(); i++) {
            var found = difference(path + "[" + i + "]", expected.get(1), actual.get(i));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> array(String path, ArrayNode expected, ArrayNode actual) {
        for (int i = 0; i < expected.size(); i++) {
            var found = difference(path + "[" + i + "]", expected.get(i), actual.get(i));
            if (found.isPresent()) {
                return found;
            }
        }
        return actual.size() > expected.size()
                ? differs(path + "[" + expected.size() + "]", "nothing", actual.get(expected.size()))
                : Optional.empty();
    }
}
