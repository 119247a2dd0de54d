package dev.millrace.server.http;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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
    private final Issues issues;
    private final Set<String> known = new HashSet<>();
    private final Set<String> passedOn = new HashSet<>();
    private boolean loose;

    private Fields(Part part, ObjectNode node, Issues issues) {
        this.part = part;
        this.node = node;
        this.issues = issues;
    }

    /** The fields of a complete part; anything but an object is refused at once. */
    public static Fields of(Part part, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new Fields(part, object, Issues.none());
        }
        throw part.refuse("invalid_type", "Invalid input: expected object, received " + Issues.typeOf(node));
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
            issues.wrongType("string", value, name);
            return Optional.empty();
        }
        issues.check(value.stringValue(), rule, name);
        return Optional.of(value.stringValue());
    }

    /** One of a fixed set of texts. */
    public Optional<String> optionalChoice(String name, List<String> choices) {
        known.add(name);
        var value = node.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString() || !choices.contains(value.stringValue())) {
            issues.invalidOption(choices, name);
            return Optional.empty();
        }
        return Optional.of(value.stringValue());
    }

    /** A required text of a fixed set. */
    public String choice(String name, List<String> choices) {
        if (!node.has(name)) {
            known.add(name);
            issues.invalidOption(choices, name);
            return choices.getFirst();
        }
        return optionalChoice(name, choices).orElse(choices.getFirst());
    }

    public boolean flag(String name) {
        if (!node.has(name)) {
            known.add(name);
            issues.wrongType("boolean", null, name);
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
            issues.wrongType("boolean", value, name);
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
            issues.invalidOption(all, name);
        }
        return false;
    }

    /** A moment in ISO 8601 with its offset. */
    public Optional<Instant> optionalTime(String name) {
        return optionalText(name, Text.SHORT).flatMap(text -> {
            try {
                return Optional.of(Instant.parse(text));
            } catch (DateTimeException _) {
                issue(
                        "invalid_format",
                        "Invalid ISO datetime: expected one such as 2026-01-31T12:00:00Z, received '" + text + "'",
                        name);
                return Optional.empty();
            }
        });
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
            var received = value.isString() ? "NaN" : Issues.typeOf(value);
            issue("invalid_type", "Invalid input: expected number, received " + received, name);
        } else if (issues.check(number, min, max, name)) {
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
        issues.wrongType("record", node.get(name), name);
        return Json.object();
    }

    public ArrayNode array(String name) {
        known.add(name);
        if (node.get(name) instanceof ArrayNode array) {
            return array;
        }
        issues.wrongType("array", node.get(name), name);
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
                issues.check(item.stringValue(), rule, name, String.valueOf(i));
                texts.add(item.stringValue());
            } else {
                issues.wrongType("string", item, name, String.valueOf(i));
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
            return new Fields(part, object, issues.below(name));
        }
        issues.wrongType("object", node.get(name), name);
        return new Fields(part, Json.object(), issues.unreported(name)).loose();
    }

    /** The fields of one item of a list. */
    public Fields item(String name, int index, JsonNode item) {
        if (item instanceof ObjectNode object) {
            return new Fields(part, object, issues.below(name, String.valueOf(index)));
        }
        issues.wrongType("object", item, name, String.valueOf(index));
        return new Fields(part, Json.object(), issues.unreported(name)).loose();
    }

    /** Records an issue at a path below this object. */
    public void issue(String code, String message, String... at) {
        issues.add(code, message, at);
    }

    public boolean sound() {
        return issues.all().isEmpty();
    }

    /** Reports unknown fields, without throwing; for nested objects. */
    public void close() {
        var unknown = node.propertyNames().stream()
                .filter(name -> !loose && !known.contains(name))
                .toList();
        if (!unknown.isEmpty()) {
            issues.unknown(unknown);
        }
    }

    /** Throws when there were errors, including those in fields that nobody has read. */
    public void end() {
        close();
        var all = issues.all();
        int most = all.size() + MOST_FAULTS;
        Storable.check(node, passedOn::contains, (path, why) -> {
            if (all.size() < most) {
                all.add(new Issue("custom", why, path));
            }
        });
        if (!all.isEmpty()) {
            throw new Failure.Invalid(part, all);
        }
    }
}
