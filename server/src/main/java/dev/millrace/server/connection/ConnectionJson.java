package dev.millrace.server.connection;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Renders connections (http-api §§5.1–5.3). */
public final class ConnectionJson {
    private ConnectionJson() {}

    /** An item of the list. */
    static ObjectNode item(Connection connection) {
        var node = head(connection);
        return node.put("created", Times.micros(connection.createdAt()));
    }

    /**
     * One connection.
     *
     * @param fetchedAt when the credentials were read last: now, mostly
     * @param withRefreshToken whether refresh tokens stay in the answer
     */
    public static ObjectNode shown(
            Connection connection, Optional<Instant> fetchedAt, ObjectNode credentials, boolean withRefreshToken) {
        var node = whole(connection, fetchedAt, Times::offset);
        node.set("connection_config", withRefreshToken ? connection.config() : stripped(connection.config()));
        node.set("credentials", withRefreshToken ? credentials : stripped(credentials));
        return node;
    }

    /** The answer to an import: dates in {@code Z}, credentials as stored. */
    static ObjectNode imported(Connection connection) {
        var node = whole(connection, connection.lastFetchedAt(), Times::utc);
        node.putArray("errors");
        node.set("credentials", connection.credentials());
        return node;
    }

    private static ObjectNode whole(
            Connection connection, Optional<Instant> fetchedAt, Function<Instant, String> date) {
        var node = head(connection);
        node.set("connection_config", connection.config());
        node.put("webhook_url_override", connection.webhookUrlOverride().orElse(null));
        node.put("created_at", date.apply(connection.createdAt()));
        node.put("updated_at", date.apply(connection.updatedAt()));
        node.put("last_fetched_at", fetchedAt.map(date).orElse(null));
        return node;
    }

    private static ObjectNode head(Connection connection) {
        var node = Json.object()
                .put("id", connection.id())
                .put("connection_id", connection.connectionId())
                .put("provider_config_key", connection.integration())
                .put("provider", connection.provider());
        node.putRawValue("errors", new RawValue(connection.errors()));
        raw(node, "end_user", connection.endUser());
        raw(node, "tags", Optional.of(connection.tags()));
        raw(node, "metadata", connection.metadata());
        return node;
    }

    /** Stored JSON goes to the client as it is, without being parsed. */
    private static void raw(ObjectNode node, String name, Optional<String> json) {
        if (json.isPresent()) {
            node.putRawValue(name, new RawValue(json.get()));
        } else {
            node.putNull(name);
        }
    }

    /** A copy without refresh tokens, at any depth, however the name is spelt. */
    private static ObjectNode stripped(ObjectNode node) {
        var copy = node.deepCopy();
        strip(copy);
        return copy;
    }

    private static void strip(JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                object.properties().removeIf(e -> isRefreshToken(e.getKey()));
                object.values().forEach(ConnectionJson::strip);
            }
            case ArrayNode array -> array.values().forEach(ConnectionJson::strip);
            default -> {}
        }
    }

    private static boolean isRefreshToken(String name) {
        if (name.length() < "refreshtoken".length()) {
            return false;
        }
        var letters = new StringBuilder();
        name.chars().filter(Character::isLetter).forEach(c -> letters.append((char) c));
        return letters.toString().toLowerCase(Locale.ROOT).equals("refreshtoken");
    }
}
