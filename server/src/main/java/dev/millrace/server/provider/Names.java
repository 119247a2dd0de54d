package dev.millrace.server.provider;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Provides the values of placeholders in a {@link Template}. */
@FunctionalInterface
public interface Names {
    /** The number of an item of a list. */
    Pattern ITEM = Pattern.compile("\\d{1,6}");

    /** The value at a path such as {@code connectionConfig.subdomain}; null when there is none. */
    @Nullable
    String value(String path);

    /** The signature of the current request; null where there is none or the arguments are invalid. */
    default @Nullable String awsSigV4(String arguments) {
        return null;
    }

    /** Looks up names here first, then in the others. */
    default Names or(Names others) {
        var these = this;
        return new Names() {
            @Override
            public @Nullable String value(String path) {
                var value = these.value(path);
                return value == null ? others.value(path) : value;
            }

            @Override
            public @Nullable String awsSigV4(String arguments) {
                var signature = these.awsSigV4(arguments);
                return signature == null ? others.awsSigV4(arguments) : signature;
            }
        };
    }

    /** The fields of an object below a prefix, nested ones by dotted path, items of lists by number. */
    static Names under(String prefix, JsonNode object) {
        return path -> path.startsWith(prefix) ? read(object, path.substring(prefix.length())) : null;
    }

    /** A text or number of an object; a field whose name equals the dotted path wins over a nested one. */
    static @Nullable String read(JsonNode object, String path) {
        var direct = child(object, path);
        if (direct != null) {
            return text(direct);
        }
        int dot = path.indexOf('.');
        if (dot < 0) {
            return null;
        }
        var nested = child(object, path.substring(0, dot));
        return nested == null ? null : read(nested, path.substring(dot + 1));
    }

    /** A field of an object, or an item of a list by its number from 0. */
    private static @Nullable JsonNode child(JsonNode node, String name) {
        return node.isArray() && ITEM.matcher(name).matches() ? node.get(Integer.parseInt(name)) : node.get(name);
    }

    private static @Nullable String text(JsonNode node) {
        if (node.isString()) {
            return node.stringValue();
        }
        return node.isNumber() ? node.asString() : null;
    }
}
