package dev.millrace.server.provider;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Provides the values of placeholders in a {@link Template}. */
@FunctionalInterface
public interface Names {
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

    /** The fields of an object below a prefix, nested ones by dotted path. */
    static Names under(String prefix, JsonNode object) {
        return path -> path.startsWith(prefix) ? read(object, path.substring(prefix.length())) : null;
    }

    /** A text or number of an object; a field whose name equals the dotted path wins over a nested one. */
    static @Nullable String read(JsonNode object, String path) {
        var direct = object.get(path);
        if (direct != null) {
            return text(direct);
        }
        int dot = path.indexOf('.');
        if (dot < 0) {
            return null;
        }
        var nested = object.get(path.substring(0, dot));
        return nested == null ? null : read(nested, path.substring(dot + 1));
    }

    private static @Nullable String text(JsonNode node) {
        if (node.isString()) {
            return node.stringValue();
        }
        return node.isNumber() ? node.asString() : null;
    }
}
