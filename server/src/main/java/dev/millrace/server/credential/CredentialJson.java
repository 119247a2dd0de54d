package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes fields that the JSON forms of several kinds of credentials have in common. */
public final class CredentialJson {
    private static final String REFRESH_TOKEN = "refreshtoken";

    private CredentialJson() {}

    static ObjectNode typed(String type) {
        return Json.object().put("type", type);
    }

    static String text(ObjectNode node, String name) {
        return node.path(name).asString("");
    }

    /** A text that is not empty. */
    static Optional<String> optional(JsonNode node, String name) {
        return node.path(name).stringValueOpt().filter(text -> !text.isEmpty());
    }

    static Optional<Instant> time(ObjectNode node, String name) {
        return TokenLife.date(node.path(name));
    }

    static ObjectNode object(ObjectNode node, String name) {
        return node.get(name) instanceof ObjectNode object ? object : Json.object();
    }

    static void put(ObjectNode node, String name, Optional<String> value) {
        value.ifPresent(text -> node.put(name, text));
    }

    static void putTime(ObjectNode node, String name, Optional<Instant> value) {
        value.ifPresent(time -> node.put(name, Times.utc(time)));
    }

    /** A copy without refresh tokens, at any depth and in any spelling of the name. */
    public static ObjectNode withoutRefreshTokens(ObjectNode node) {
        var copy = node.deepCopy();
        strip(copy);
        return copy;
    }

    private static void strip(JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                object.properties().removeIf(field -> isRefreshToken(field.getKey()));
                object.values().forEach(CredentialJson::strip);
            }
            case ArrayNode array -> array.values().forEach(CredentialJson::strip);
            default -> {}
        }
    }

    private static boolean isRefreshToken(String name) {
        if (name.length() < REFRESH_TOKEN.length()) {
            return false;
        }
        var letters = new StringBuilder();
        name.chars().filter(Character::isLetter).forEach(c -> letters.append((char) c));
        return letters.toString().toLowerCase(Locale.ROOT).equals(REFRESH_TOKEN);
    }
}
