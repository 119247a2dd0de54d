package dev.millrace.server.function.js;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the fields of a call's head. A missing field or one of another type fails the call. {@code null} counts as
 * missing. Because authors write some of these values, numbers and booleans are also accepted as text, and the reverse.
 */
final class CallHead {
    /** Longer texts are not meaningful numbers and are slow to parse. */
    private static final int LONGEST_NUMBER = 30;

    private final String method;
    private final JsonNode fields;
    private final String path;

    CallHead(String method, JsonNode fields) {
        this(method, fields, "");
    }

    private CallHead(String method, JsonNode fields, String path) {
        this.method = method;
        this.fields = fields;
        this.path = path;
    }

    private @Nullable JsonNode field(String name) {
        var value = fields.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private JsonNode required(String name) {
        var value = field(name);
        if (value == null) {
            throw HostError.of(start(name) + "is missing", Optional.empty());
        }
        return value;
    }

    private String start(String name) {
        return "The call " + method + " cannot be made: its field " + path + name + " ";
    }

    private HostError mistyped(String name, String wanted, JsonNode value) {
        var kind = value.getNodeType().name().toLowerCase(Locale.ROOT);
        return HostError.of(start(name) + "must be " + wanted + ", not of type " + kind, Optional.empty());
    }

    private HostError unknown(String name, String value) {
        var shown = value.length() > 40 ? value.substring(0, 40) + "…" : value;
        return HostError.of(start(name) + "has the unknown value '" + shown + "'", Optional.empty());
    }

    String text(String name) {
        return text(name, required(name));
    }

    /** An empty text counts as missing. */
    Optional<String> optionalText(String name) {
        var value = field(name);
        return value == null ? Optional.empty() : Optional.of(text(name, value)).filter(text -> !text.isEmpty());
    }

    private String text(String name, JsonNode value) {
        if (value.isString()) {
            return value.stringValue();
        }
        if (value.isNumber() || value.isBoolean()) {
            return value.asString();
        }
        throw mistyped(name, "a text", value);
    }

    List<String> texts(String name) {
        return items(name, required(name), item -> text(name, item));
    }

    /** Empty when the field is missing. */
    List<Integer> integers(String name) {
        var value = field(name);
        return value == null ? List.of() : items(name, value, item -> clamped(whole(name, item)));
    }

    private <T> List<T> items(String name, JsonNode list, Function<JsonNode, T> read) {
        if (!list.isArray()) {
            throw mistyped(name, "an array", list);
        }
        return list.valueStream().map(read).toList();
    }

    Map<String, String> textsByName(String name) {
        var texts = new LinkedHashMap<String, String>();
        for (var entry : object(name, required(name)).properties()) {
            texts.put(entry.getKey(), text(name + "." + entry.getKey(), entry.getValue()));
        }
        return texts;
    }

    Optional<ObjectNode> optionalObject(String name) {
        return Optional.ofNullable(field(name)).map(value -> object(name, value));
    }

    private ObjectNode object(String name, JsonNode value) {
        if (value instanceof ObjectNode object) {
            return object;
        }
        throw mistyped(name, "an object", value);
    }

    Optional<JsonNode> optionalTextOrObject(String name) {
        var value = field(name);
        if (value == null || value.isString() || value.isObject()) {
            return Optional.ofNullable(value);
        }
        throw mistyped(name, "a text or an object", value);
    }

    /** The fraction is dropped; numbers beyond the type's range become its largest or smallest value. */
    long whole(String name) {
        return whole(name, required(name));
    }

    int integer(String name) {
        return clamped(whole(name));
    }

    int integer(String name, int otherwise) {
        var value = field(name);
        return value == null ? otherwise : clamped(whole(name, value));
    }

    private static int clamped(long value) {
        return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private long whole(String name, JsonNode value) {
        if (value.isNumber()) {
            return (long) value.decimalValue().doubleValue();
        }
        if (value.isString() && value.stringValue().length() <= LONGEST_NUMBER) {
            try {
                return (long) new BigDecimal(value.stringValue().strip()).doubleValue();
            } catch (NumberFormatException _) {
                throw mistyped(name, "a number", value);
            }
        }
        throw mistyped(name, "a number", value);
    }

    boolean flag(String name) {
        return optionalFlag(name).orElse(false);
    }

    Optional<Boolean> optionalFlag(String name) {
        var value = field(name);
        return value == null ? Optional.empty() : Optional.of(flag(name, value));
    }

    private boolean flag(String name, JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isNumber()) {
            return value.decimalValue().signum() != 0;
        }
        return switch (value.isString() ? value.stringValue() : "") {
            case "true" -> true;
            case "false" -> false;
            default -> throw mistyped(name, "a boolean", value);
        };
    }

    /** A value transmitted as the constant's name in lower case. */
    <T extends Enum<T>> T constant(String name, Class<T> type) {
        var text = text(name);
        for (var constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
                return constant;
            }
        }
        throw unknown(name, text);
    }

    FunctionHost.SyncRef sync(String name) {
        return sync(name, required(name));
    }

    List<FunctionHost.SyncRef> syncs(String name) {
        return items(name, required(name), item -> sync(name, item));
    }

    private FunctionHost.SyncRef sync(String name, JsonNode value) {
        if (value.isString()) {
            return new FunctionHost.SyncRef(value.stringValue(), Optional.empty());
        }
        if (!value.isObject()) {
            throw mistyped(name, "a text or an object", value);
        }
        var named = new CallHead(method, value, path + name + ".");
        return new FunctionHost.SyncRef(
                named.text("name"), Optional.of(named.optionalText("variant").orElse("base")));
    }

    /** The object, or one of the older texts and booleans. */
    FunctionHost.SyncOptions syncOptions(String name) {
        var value = field(name);
        if (value == null) {
            return new FunctionHost.SyncOptions(false, false, false);
        }
        if (value.isBoolean()) {
            return new FunctionHost.SyncOptions(value.booleanValue(), false, false);
        }
        if (value.isString()) {
            boolean empties = value.stringValue().equals("full_refresh_and_clear_cache");
            boolean resets = empties || value.stringValue().equals("full_refresh");
            return new FunctionHost.SyncOptions(resets, empties, false);
        }
        if (!value.isObject()) {
            throw mistyped(name, "an object, a text or a boolean", value);
        }
        var options = new CallHead(method, value, path + name + ".");
        return new FunctionHost.SyncOptions(
                options.flag("reset"), options.flag("emptyCache"), options.flag("confirmDeletes"));
    }
}
