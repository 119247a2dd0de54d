package dev.millrace.server.record;

import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The rules of a model, from keywords of its JSON schema: {@code changeInsensitive}, a list of paths, and {@code
 * deleteGuard}, {@code {"share": 50, "count": 100}} or false. Immutable.
 *
 * @param insensitive paths whose values do not count as a change
 * @param guard empty: the setting of the environment
 */
public record ModelRules(ChangePaths insensitive, Optional<DeleteGuard> guard) {
    private static final String PATHS = "changeInsensitive";
    private static final String GUARD = "deleteGuard";

    /** The rules of a model without these keywords. */
    public static final ModelRules NONE = new ModelRules(ChangePaths.NONE, Optional.empty());

    /** Reads the keywords of a model's schema. An invalid one is an {@link IllegalArgumentException} with a message. */
    public static ModelRules of(JsonNode schema) {
        return schema.has(PATHS) || schema.has(GUARD)
                ? new ModelRules(paths(schema.path(PATHS)), guard(schema.path(GUARD)))
                : NONE;
    }

    private static ChangePaths paths(JsonNode given) {
        var paths = new ArrayList<String>();
        if (!given.isMissingNode() && !given.isArray()) {
            throw new IllegalArgumentException(PATHS + " is " + given + "; it is a list of paths.");
        }
        for (var path : given) {
            if (!path.isString()) {
                throw new IllegalArgumentException(PATHS + " holds " + path + "; it is a list of paths.");
            }
            paths.add(path.stringValue());
        }
        return ChangePaths.of(paths);
    }

    private static Optional<DeleteGuard> guard(JsonNode given) {
        if (given.isMissingNode()) {
            return Optional.empty();
        }
        if (given.isBoolean() && !given.booleanValue()) {
            return Optional.of(DeleteGuard.OFF);
        }
        if (!given.isObject() || !Set.of("share", "count").containsAll(given.propertyNames())) {
            throw new IllegalArgumentException(
                    GUARD + " is " + given + "; it is false or an object like {\"share\": 50, \"count\": 100}.");
        }
        return Optional.of(new DeleteGuard(whole(given, "share"), whole(given, "count")));
    }

    private static int whole(JsonNode given, String name) {
        if (!given.path(name).isInt()) {
            throw new IllegalArgumentException(
                    GUARD + "." + name + " is " + given.path(name) + "; it is a whole number.");
        }
        return given.path(name).intValue();
    }
}
