package dev.millrace.server.http;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the fields of one part of a request and collects all errors, in the order in which the fields are read. A
 * getter of an invalid field records an issue and returns a harmless value; {@link #end} throws. Not thread-safe.
 */
public final class Fields {
    private static final List<String> YES = List.of("true", "1", "yes", "on", "y", "enabled");
    private static final List<String> NO = List.of("false", "0", "no", "off", "n", "disabled");
    /** A request may contain a million values that cannot be stored. */
    private static final int MOST_FAULTS = 20;

    private final Part part;
    private final ObjectNode node;
    private final List<String> prefix;
    private final List<Issue> issues;
    private final Set<String> known = new HashSet<>();
    private final Set<String> passedOn = new HashSet<>();
    private boolean loose;

    private Fields(Part part, ObjectNode node, List<String> prefix, List<Issue> issues) {
        this.part = part;
        this.node = node;
        this.prefix = prefix;
        this.issues = issues;
    }

    /** The fields of a complete part; anything but an object is refused at once. */
    public static Fields of(Part part, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new Fields(part, object, List.of(), new ArrayList<>());
        }
        throw part.refuse("invalid_type", "Invalid input: expected object, received " + typeOf(node));
    }

    /** Accepts unknown fields. */
    public Fields loose() {
        loose = true;
        return this;
    }

    public boolean has(String name) {
        return node.has(name);
    }

    /** Whether the field is present and not null. */
    public boolean given(String name) {
        return node.hasNonNull(name);
    }

    /** A copy of all fields, whether they have been read or not. */
    public ObjectNode all() {
        return node.deepCopy();
    }

    /** Any JSON, or empty. */
    public Optional<JsonNode> any(String name) {
        known.add(name);
        return Optional.ofNullable(node.get(name));
    }

    /** Any JSON, or empty. It is passed on unchanged, even if the database could not store it. */
    public Optional<JsonNode> passedOn(String name) {
        passedOn.add(name);
        return any(name);
    }

    public String text(String name, Text rule) {
        return read(name, rule, true).orElse("");
    }

    public Optional<String> optionalText(String name, Text rule) {
        return read(name, rule, false);
    }

    private Optional<String> read(String name, Text rule, boolean required) {
        known.add(name);
        var value = node.get(name);
        if (value == null && !required) {
            return Optional.empty();
        }
        if (value == null || !value.isString()) {
            wrongType("string", value, name);
            return Optional.empty();
        }
        check(value.stringValue(), rule, name);
        return Optional.of(value.stringValue());
    }

    private void check(String value, Text rule, String... at) {
        if (value.length() < rule.min()) {
            issue("too_small", "Too small: expected string to have >=" + rule.min() + " characters", at);
        }
        if (value.length() > rule.max()) {
            issue("too_big", "Too big: expected string to have <=" + rule.max() + " characters", at);
        }
        if (rule.pattern().isPresent() && !rule.pattern().get().matcher(value).find()) {
            issue("invalid_format", "Invalid string: must match pattern " + rule.shown(), at);
        }
    }

    /** One of a fixed set of texts. */
    public Optional<String> optionalChoice(String name, List<String> choices) {
        known.add(name);
        var value = node.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString() || !choices.contains(value.stringValue())) {
            issue("invalid_value", "Invalid option: expected one of " + quoted(choices), name);
            return Optional.empty();
        }
        return Optional.of(value.stringValue());
    }

    /** A required text of a fixed set. */
    public String choice(String name, List<String> choices) {
        if (!node.has(name)) {
            known.add(name);
            issue("invalid_value", "Invalid option: expected one of " + quoted(choices), name);
            return choices.getFirst();
        }
        return optionalChoice(name, choices).orElse(choices.getFirst());
    }

    public boolean flag(String name) {
        if (!node.has(name)) {
            known.add(name);
            wrongType("boolean", null, name);
            return false;
        }
        return optionalFlag(name, false);
    }

    public boolean optionalFlag(String name, boolean otherwise) {
        known.add(name);
        var value = node.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            wrongType("boolean", value, name);
            return otherwise;
        }
        return value.booleanValue();
    }

    /** A boolean as text, for queries and headers. */
    public boolean wordFlag(String name, boolean otherwise) {
        known.add(name);
        var value = node.get(name);
        if (value == null) {
            return otherwise;
        }
        var word = value.isString() ? value.stringValue().toLowerCase(Locale.ROOT) : "";
        if (YES.contains(word)) {
            return true;
        }
        if (!NO.contains(word)) {
            var all = new ArrayList<>(YES);
            all.addAll(NO);
            issue("invalid_value", "Invalid option: expected one of " + quoted(all), name);
        }
        return false;
    }

    /** A whole number within bounds, given as text (queries, headers) or as a number (bodies). */
    public OptionalInt optionalInt(String name, int min, int max) {
        known.add(name);
        var value = node.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        var number = number(value);
        if (number == null) {
            var received = value.isString() ? "NaN" : typeOf(value);
            issue("invalid_type", "Invalid input: expected number, received " + received, name);
        } else if (number.compareTo(BigDecimal.valueOf(min)) < 0) {
            issue("too_small", "Too small: expected number to be >=" + min, name);
        } else if (number.compareTo(BigDecimal.valueOf(max)) > 0) {
            issue("too_big", "Too big: expected number to be <=" + max, name);
        } else if (number.stripTrailingZeros().scale() > 0) {
            issue("invalid_type", "Invalid input: expected int, received number", name);
        } else {
            return OptionalInt.of(number.intValueExact());
        }
        return OptionalInt.empty();
    }

    private @Nullable BigDecimal number(JsonNode value) {
        if (value.isNumber()) {
            return value.decimalValue();
        }
        if (!value.isString() || part == Part.BODY) {
            return null;
        }
        try {
            var text = value.stringValue().strip();
            return text.isEmpty() ? BigDecimal.ZERO : new BigDecimal(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** An object with any fields. */
    public Optional<ObjectNode> optionalRecord(String name) {
        known.add(name);
        return node.has(name) ? Optional.of(record(name)) : Optional.empty();
    }

    public ObjectNode record(String name) {
        known.add(name);
        if (node.get(name) instanceof ObjectNode object) {
            return object;
        }
        wrongType("record", node.get(name), name);
        return Json.object();
    }

    public ArrayNode array(String name) {
        known.add(name);
        if (node.get(name) instanceof ArrayNode array) {
            return array;
        }
        wrongType("array", node.get(name), name);
        return Json.array();
    }

    public Optional<ArrayNode> optionalArray(String name) {
        known.add(name);
        return node.has(name) ? Optional.of(array(name)) : Optional.empty();
    }

    /** A list of texts. */
    public List<String> texts(String name, Text rule) {
        var texts = new ArrayList<String>();
        var array = array(name);
        for (int i = 0; i < array.size(); i++) {
            var item = array.get(i);
            if (item.isString()) {
                check(item.stringValue(), rule, name, String.valueOf(i));
                texts.add(item.stringValue());
            } else {
                wrongType("string", item, name, String.valueOf(i));
            }
        }
        return texts;
    }

    public List<String> optionalTexts(String name, Text rule) {
        known.add(name);
        return node.has(name) ? texts(name, rule) : List.of();
    }

    /**
     * The fields of a nested object, whose issues are reported with this part's. The caller calls its {@link #close}.
     */
    public Fields object(String name) {
        known.add(name);
        if (node.get(name) instanceof ObjectNode object) {
            return new Fields(part, object, at(name), issues);
        }
        wrongType("object", node.get(name), name);
        return new Fields(part, Json.object(), at(name), new ArrayList<>()).loose();
    }

    /** The fields of one item of a list. */
    public Fields item(String name, int index, JsonNode item) {
        if (item instanceof ObjectNode object) {
            return new Fields(part, object, at(name, String.valueOf(index)), issues);
        }
        wrongType("object", item, name, String.valueOf(index));
        return new Fields(part, Json.object(), at(name), new ArrayList<>()).loose();
    }

    private void wrongType(String expected, @Nullable JsonNode value, String... at) {
        issue("invalid_type", "Invalid input: expected " + expected + ", received " + typeOf(value), at);
    }

    /** Records an issue at a path below this object. */
    public void issue(String code, String message, String... at) {
        issues.add(new Issue(code, message, at(at)));
    }

    private List<String> at(String... names) {
        var path = new ArrayList<>(prefix);
        path.addAll(List.of(names));
        return path;
    }

    public boolean sound() {
        return issues.isEmpty();
    }

    /** Reports unknown fields, without throwing; for nested objects. */
    public void close() {
        var unknown = node.propertyNames().stream()
                .filter(name -> !loose && !known.contains(name))
                .toList();
        if (!unknown.isEmpty()) {
            var names = unknown.stream().map(n -> '"' + n + '"').collect(Collectors.joining(", "));
            issue("unrecognized_keys", "Unrecognized key" + (unknown.size() > 1 ? "s" : "") + ": " + names);
        }
    }

    /** Throws when there were errors, including those in fields that nobody has read. */
    public void end() {
        close();
        int most = issues.size() + MOST_FAULTS;
        Storable.check(node, passedOn::contains, (path, why) -> {
            if (issues.size() < most) {
                issues.add(new Issue("custom", why, path));
            }
        });
        if (!issues.isEmpty()) {
            throw new Failure.Invalid(part, issues);
        }
    }

    private static String quoted(List<String> choices) {
        return choices.stream().map(c -> '"' + c + '"').collect(Collectors.joining("|"));
    }

    /** The name of a type in the contract's messages. */
    static String typeOf(@Nullable JsonNode value) {
        if (value == null) {
            return "undefined";
        }
        return switch (value.getNodeType()) {
            case ARRAY -> "array";
            case BOOLEAN -> "boolean";
            case NULL, MISSING -> "null";
            case NUMBER -> "number";
            case STRING -> "string";
            case OBJECT, POJO, BINARY -> "object";
        };
    }
}
