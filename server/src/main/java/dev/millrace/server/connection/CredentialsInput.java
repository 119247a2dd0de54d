package dev.millrace.server.connection;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import dev.millrace.server.http.Times;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads imported credentials (http-api §5.3) into the form they are stored in (auth §2). */
final class CredentialsInput {
    private static final Text SECRET = Text.between(1, 2048);
    private static final Text TOKEN = Text.between(1, 16_384);
    private static final Text LOGIN = Text.between(0, 1024);
    private static final Text PEM = Text.between(0, 10_000);

    /** Which auth modes of a provider take which type; others take their own name. */
    private static final Map<String, Set<String>> MODES = Map.of(
            "OAUTH2", Set.of("OAUTH2"),
            "OAUTH2_CC", Set.of("OAUTH2_CC"),
            "OAUTH1", Set.of("OAUTH1"),
            "API_KEY", Set.of("API_KEY"),
            "BASIC", Set.of("BASIC"),
            "TBA", Set.of("TBA"),
            "APP", Set.of("APP"),
            "CUSTOM", Set.of("CUSTOM"),
            "NONE", Set.of("NONE"));

    private CredentialsInput() {}

    static boolean fits(String type, String authMode) {
        return MODES.getOrDefault(type, Set.of()).contains(authMode);
    }

    /** The credentials, and the type they were sent as. */
    record Given(String type, ObjectNode stored) {}

    static Given read(Fields body) {
        var fields = body.object("credentials");
        var type = fields.any("type")
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .orElse("");
        var stored = Json.object();
        if (body.given("credentials")) {
            read(type, fields, stored);
            fields.close();
        }
        return new Given(type, stored);
    }

    private static void read(String type, Fields fields, ObjectNode stored) {
        if (!type.equals("NONE")) {
            stored.put("type", type);
        }
        switch (type) {
            case "OAUTH2" -> oauth2(fields, stored);
            case "OAUTH2_CC" -> clientCredentials(fields, stored);
            case "OAUTH1" -> {
                put(stored, "oauth_token", fields.text("oauth_token", SECRET));
                put(stored, "oauth_token_secret", fields.text("oauth_token_secret", SECRET));
                stored.putObject("raw");
            }
            case "API_KEY" -> put(stored, "apiKey", fields.text("apiKey", Text.between(1, 1024)));
            case "BASIC" -> {
                put(stored, "username", fields.text("username", LOGIN));
                put(stored, "password", fields.text("password", LOGIN));
            }
            case "TBA" -> {
                put(stored, "token_id", fields.text("token_id", SECRET));
                put(stored, "token_secret", fields.text("token_secret", SECRET));
                stored.set("config_override", override(fields).orElseGet(Json::object));
            }
            case "APP", "CUSTOM" -> {
                put(stored, "app_id", fields.text("app_id", Text.SHORT));
                put(stored, "installation_id", fields.text("installation_id", Text.SHORT));
            }
            case "NONE" -> {}
            default -> fields.loose().issue("invalid_union", "Invalid input", "type");
        }
    }

    private static void oauth2(Fields fields, ObjectNode stored) {
        put(stored, "access_token", fields.text("access_token", TOKEN));
        fields.optionalText("refresh_token", TOKEN).ifPresent(t -> put(stored, "refresh_token", t));
        expiry(fields, stored);
        override(fields).ifPresent(o -> stored.set("config_override", o));
        raw(stored, "access_token", "refresh_token", "expires_at");
    }

    private static void clientCredentials(Fields fields, ObjectNode stored) {
        put(stored, "token", fields.text("token", Text.between(1, 4096)));
        put(stored, "client_id", fields.text("client_id", Text.SHORT));
        put(stored, "client_secret", fields.text("client_secret", SECRET));
        fields.optionalText("client_certificate", PEM).ifPresent(t -> put(stored, "client_certificate", t));
        fields.optionalText("client_private_key", PEM).ifPresent(t -> put(stored, "client_private_key", t));
        expiry(fields, stored);
        raw(stored, "token", "expires_at");
    }

    private static void raw(ObjectNode stored, String... names) {
        var raw = Json.object();
        for (var name : names) {
            if (stored.has(name)) {
                raw.set(name, stored.get(name));
            }
        }
        stored.set("raw", raw);
    }

    private static Optional<ObjectNode> override(Fields fields) {
        if (!fields.has("config_override")) {
            fields.any("config_override");
            return Optional.empty();
        }
        var override = fields.object("config_override");
        var node = Json.object();
        override.optionalText("client_id", Text.SHORT).ifPresent(t -> put(node, "client_id", t));
        override.optionalText("client_secret", SECRET).ifPresent(t -> put(node, "client_secret", t));
        override.close();
        return Optional.of(node);
    }

    private static void expiry(Fields fields, ObjectNode stored) {
        var given = fields.any("expires_at").filter(n -> !n.isNull());
        if (given.isEmpty()) {
            return;
        }
        var time = time(given.get());
        if (time.isEmpty()) {
            fields.issue("invalid_type", "Invalid input: expected date, received Date", "expires_at");
        } else {
            stored.put("expires_at", Times.utc(time.get()));
        }
    }

    /** A number counts as milliseconds, as a date parser of the reference's clients takes it. */
    private static Optional<Instant> time(JsonNode node) {
        if (node.isNumber()) {
            return Optional.of(Instant.ofEpochMilli(node.longValue()));
        }
        var text = node.asString("");
        try {
            return Optional.of(
                    text.length() == 10
                            ? Instant.parse(text + "T00:00:00Z")
                            : OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static void put(ObjectNode node, String name, String value) {
        node.put(name, value);
    }
}
