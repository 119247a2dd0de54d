package dev.millrace.server.provider;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Validates the values of {@code integration_config} against their field schemas. */
final class ConfigCheck {
    private ConfigCheck() {}

    static ObjectNode check(Provider provider, ObjectNode given, boolean creating) {
        var schema = provider.integrationConfig().orElseGet(Json::object);
        if (schema.isEmpty() && !given.isEmpty()) {
            throw refuse("Provider '" + provider.name() + "' does not accept an integration_config.");
        }
        for (var name : given.propertyNames()) {
            if (!schema.has(name)) {
                throw refuse("integration_config has an unknown field '" + name + "'. Provider '" + provider.name()
                        + "' knows: " + String.join(", ", schema.propertyNames()) + ".");
            }
        }
        var accepted = Json.object();
        for (var field : schema.properties()) {
            if (visible(field.getValue(), schema, given, creating)) {
                value(field, given, creating).ifPresent(value -> accepted.put(field.getKey(), value));
            }
        }
        return accepted;
    }

    /** On a change, the field that decides may be stored already, so only a given value can hide others. */
    private static boolean visible(JsonNode field, ObjectNode schema, ObjectNode given, boolean creating) {
        var when = field.path("visible_when");
        var other = when.path("field").asString("");
        if (other.isEmpty() || (!creating && !given.has(other))) {
            return true;
        }
        var value = given.path(other).asString("");
        var actual = value.isEmpty() ? schema.path(other).path("default_value").asString("") : value;
        return actual.equals(when.path("equals").asString(""));
    }

    private static Optional<String> value(Map.Entry<String, JsonNode> field, ObjectNode given, boolean creating) {
        var name = field.getKey();
        var schema = field.getValue();
        if (!given.has(name) && !creating) {
            return Optional.empty();
        }
        var node = given.get(name);
        if (node != null && !node.isString()) {
            throw refuse("integration_config." + name + " must be a text.");
        }
        var value = node == null ? "" : node.stringValue();
        if (value.isEmpty() && creating) {
            value = schema.path("default_value").asString("");
        }
        if (value.isEmpty()) {
            if (!optional(schema)) {
                throw refuse("integration_config." + name + " is required: "
                        + schema.path("description").asString(name) + '.');
            }
            return creating ? Optional.empty() : Optional.of("");
        }
        checkForm(name, schema, value);
        return Optional.of(value);
    }

    private static boolean optional(JsonNode schema) {
        return schema.path("optional").asBoolean(false)
                || schema.path("hidden").asBoolean(false)
                || schema.path("automated").asBoolean(false)
                || schema.has("default_value");
    }

    private static void checkForm(String name, JsonNode schema, String value) {
        var choices = schema.path("enum");
        if (choices.isArray()
                && choices.valueStream().noneMatch(choice -> choice.asString("").equals(value))) {
            throw refuse("integration_config." + name + " must be one of " + choices + ".");
        }
        var pattern = schema.path("pattern").asString("");
        if (!pattern.isEmpty() && !EcmaPattern.compile(pattern).matcher(value).find()) {
            throw refuse("integration_config." + name + " must match " + pattern + ".");
        }
        if (schema.path("format").asString("").equals("uri") && !webAddress(value)) {
            throw refuse("integration_config." + name + " must be an address that starts with http:// or https://.");
        }
    }

    private static boolean webAddress(String value) {
        try {
            var uri = new URI(value);
            return uri.getHost() != null && Set.of("http", "https").contains(String.valueOf(uri.getScheme()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static Failure refuse(String message) {
        return Failure.refusedBody(message);
    }
}
