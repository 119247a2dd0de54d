package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.optional;
import static dev.millrace.server.credential.CredentialJson.put;
import static dev.millrace.server.credential.CredentialJson.putTime;

import dev.millrace.server.http.Json;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The token of a login with one or more calls.
 *
 * @param fields entered values, and the response headers that the definition keeps
 * @param value empty until the first login
 * @param raw the last response of the login
 */
public record TwoStep(
        ObjectNode fields,
        String value,
        Optional<String> refreshToken,
        Optional<Instant> expiresAt,
        Optional<String> assertion,
        ObjectNode raw)
        implements Credentials {
    static final String TYPE = "TWO_STEP";

    private static final Set<String> OURS = Set.of("type", "token", "refresh_token", "expires_at", "assertion", "raw");

    static TwoStep of(ObjectNode stored) {
        return new TwoStep(
                stored.deepCopy().remove(OURS),
                CredentialJson.text(stored, "token"),
                optional(stored, "refresh_token"),
                CredentialJson.time(stored, "expires_at"),
                optional(stored, "assertion"),
                CredentialJson.object(stored, "raw"));
    }

    /** The values that a person enters to have the server log in. */
    public static TwoStep typed(ObjectNode typed) {
        return new TwoStep(
                typed.deepCopy().remove(OURS), "", Optional.empty(), Optional.empty(), Optional.empty(), Json.object());
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node = CredentialJson.typed(TYPE);
        node.setAll(fields);
        node.put("token", value);
        put(node, "refresh_token", refreshToken);
        putTime(node, "expires_at", expiresAt);
        put(node, "assertion", assertion);
        node.set("raw", raw);
        return node;
    }

    /** The definition may read the refresh token from any place in the raw response, so it is masked by its value. */
    @Override
    public ObjectNode withoutRefreshToken() {
        var node = CredentialJson.withoutRefreshTokens(json());
        refreshToken.ifPresent(token -> strip(node.path("raw"), token));
        return node;
    }

    private static void strip(JsonNode node, String token) {
        switch (node) {
            case ObjectNode object -> {
                object.properties().removeIf(field -> isText(field.getValue(), token));
                object.values().forEach(value -> strip(value, token));
            }
            case ArrayNode array -> array.values().forEach(value -> strip(value, token));
            default -> {}
        }
    }

    private static boolean isText(JsonNode node, String text) {
        return node.isString() && node.stringValue().equals(text);
    }

    @Override
    public Optional<String> token() {
        return Optional.of(value).filter(text -> !text.isEmpty());
    }

    @Override
    public boolean renewable() {
        return true;
    }

    @Override
    public String toString() {
        return "TwoStep[***]";
    }
}
