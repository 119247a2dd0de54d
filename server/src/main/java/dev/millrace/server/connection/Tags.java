package dev.millrace.server.connection;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import dev.millrace.server.http.Text;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Tags of a connection, and the end user from which some are derived. */
public final class Tags {
    private static final int MOST = 10;
    private static final int LONGEST_KEY = 64;
    private static final int LONGEST_VALUE = 255;
    private static final Pattern KEY = Pattern.compile("^[a-zA-Z][a-zA-Z0-9_\\-./]*$");
    private static final Pattern EMAIL = Pattern.compile("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$");

    private Tags() {}

    /** The field {@code tags}; keys become lower-case. */
    public static Optional<ObjectNode> read(Fields fields, String name, int shortestValue) {
        if (!fields.has(name)) {
            fields.any(name);
            return Optional.empty();
        }
        var tags = Json.object();
        var given = fields.record(name);
        if (given.size() > MOST) {
            fields.issue("custom", "At most " + MOST + " tags are allowed, not " + given.size(), name);
        }
        for (var entry : given.properties()) {
            var key = entry.getKey();
            if (!KEY.matcher(key).find() || key.length() > LONGEST_KEY) {
                fields.issue("invalid_key", "Invalid key in record", name, key);
            } else if (!entry.getValue().isString()) {
                fields.issue("invalid_type", "Invalid input: expected string", name, key);
            } else {
                add(fields, name, shortestValue, tags, key, entry.getValue().stringValue());
            }
        }
        return Optional.of(tags);
    }

    private static void add(Fields fields, String name, int shortest, ObjectNode tags, String key, String value) {
        var lower = key.toLowerCase(Locale.ROOT);
        if (value.length() < shortest) {
            fields.issue("too_small", "Too small: expected string to have >=1 characters", name, key);
        } else if (value.length() > LONGEST_VALUE) {
            fields.issue("too_big", "Too big: expected string to have <=255 characters", name, key);
        } else if (tags.has(lower)) {
            fields.issue("custom", "The tag " + lower + " is given twice (keys are case-insensitive)", name, key);
        } else if (lower.equals("end_user_email") && !EMAIL.matcher(value).matches()) {
            fields.issue("invalid_format", "Invalid email address", name, key);
        } else {
            tags.put(lower, value);
        }
    }

    /** The field {@code end_user}. */
    public static Optional<ObjectNode> endUser(Fields body) {
        if (!body.has("end_user")) {
            body.any("end_user");
            return Optional.empty();
        }
        var fields = body.object("end_user");
        var user = Json.object().put("id", fields.text("id", Text.SHORT));
        var email = fields.optionalText("email", Text.between(5, LONGEST_VALUE));
        if (email.isPresent() && !EMAIL.matcher(email.get()).matches()) {
            fields.issue("invalid_format", "Invalid email address", "email");
        }
        user.put(
                "display_name",
                fields.optionalText("display_name", Text.between(0, 255)).orElse(null));
        user.put("email", email.orElse(null));
        var tags = read(fields, "tags", 0);
        if (tags.isPresent()) {
            user.set("tags", tags.get());
        } else {
            user.putNull("tags");
        }
        user.putNull("organization");
        fields.close();
        return Optional.of(user);
    }

    /** The tags derived from an end user, overridden by explicit ones; empty when there are too many. */
    public static Optional<ObjectNode> derive(Optional<ObjectNode> endUser, Optional<ObjectNode> explicit) {
        var tags = Json.object();
        endUser.ifPresent(user -> {
            put(tags, "end_user_id", user.path("id").asString(""));
            put(tags, "end_user_email", user.path("email").asString(""));
            put(tags, "end_user_display_name", user.path("display_name").asString(""));
            put(tags, "organization_id", user.at("/organization/id").asString(""));
            put(
                    tags,
                    "organization_display_name",
                    user.at("/organization/display_name").asString(""));
            if (user.get("tags") instanceof ObjectNode own && tags.size() + own.size() <= MOST) {
                tags.setAll(own);
            }
        });
        explicit.ifPresent(tags::setAll);
        return tags.size() > MOST ? Optional.empty() : Optional.of(tags);
    }

    private static void put(ObjectNode tags, String key, String value) {
        if (!value.isEmpty()) {
            tags.put(key, Storable.start(value, LONGEST_VALUE));
        }
    }
}
