package dev.millrace.server.http;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What is wrong with the fields of one object of a request, in the words of the contract. Not thread-safe. */
final class Issues {
    private final List<String> prefix;
    private final List<Issue> all;

    private Issues(List<String> prefix, List<Issue> all) {
        this.prefix = prefix;
        this.all = all;
    }

    static Issues none() {
        return new Issues(List.of(), new ArrayList<>());
    }

    /** Those of an object within this one, reported with this one's. */
    Issues below(String... names) {
        return new Issues(at(names), all);
    }

    /** Issues of a nested object that are discarded. */
    Issues unreported(String... names) {
        return new Issues(at(names), new ArrayList<>());
    }

    List<Issue> all() {
        return all;
    }

    /** Adds one at a path below this object. */
    void add(String code, String message, String... at) {
        all.add(new Issue(code, message, at(at)));
    }

    void wrongType(String expected, @Nullable JsonNode value, String... at) {
        add("invalid_type", "Invalid input: expected " + expected + ", received " + typeOf(value), at);
    }

    void invalidOption(List<String> choices, String... at) {
        var quoted = choices.stream().map(c -> '"' + c + '"').collect(Collectors.joining("|"));
        add("invalid_value", "Invalid option: expected one of " + quoted, at);
    }

    void unknown(List<String> fields) {
        var names = fields.stream().map(n -> '"' + n + '"').collect(Collectors.joining(", "));
        add("unrecognized_keys", "Unrecognized key" + (fields.size() > 1 ? "s" : "") + ": " + names);
    }

    void check(String value, Text rule, String... at) {
        if (value.length() < rule.min()) {
            add("too_small", "Too small: expected string to have >=" + rule.min() + " characters", at);
        }
        if (value.length() > rule.max()) {
            add("too_big", "Too big: expected string to have <=" + rule.max() + " characters", at);
        }
        if (rule.pattern().isPresent() && !rule.pattern().get().matcher(value).find()) {
            add("invalid_format", "Invalid string: must match pattern " + rule.shown(), at);
        }
    }

    /** Whether a number is whole and within bounds. */
    boolean check(BigDecimal number, int min, int max, String... at) {
        if (number.compareTo(BigDecimal.valueOf(min)) < 0) {
            add("too_small", "Too small: expected number to be >=" + min, at);
        } else if (number.compareTo(BigDecimal.valueOf(max)) > 0) {
            add("too_big", "Too big: expected number to be <=" + max, at);
        } else if (number.stripTrailingZeros().scale() > 0) {
            add("invalid_type", "Invalid input: expected int, received number", at);
        } else {
            return true;
        }
        return false;
    }

    private List<String> at(String... names) {
        var path = new ArrayList<>(prefix);
        path.addAll(List.of(names));
        return path;
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
