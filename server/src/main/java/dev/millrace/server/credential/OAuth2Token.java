package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.optional;
import static dev.millrace.server.credential.CredentialJson.put;
import static dev.millrace.server.credential.CredentialJson.putTime;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * An OAuth 2.0 token that a person has granted.
 *
 * @param raw the provider's response
 */
public record OAuth2Token(
        String accessToken,
        Optional<String> refreshToken,
        Optional<Instant> expiresAt,
        ClientOverride client,
        ObjectNode raw)
        implements Credentials {
    static final String TYPE = "OAUTH2";

    private static final Text TOKEN = Text.between(1, 16_384);

    static OAuth2Token of(ObjectNode stored) {
        return new OAuth2Token(
                CredentialJson.text(stored, "access_token"),
                optional(stored, "refresh_token"),
                CredentialJson.time(stored, "expires_at"),
                ClientOverride.in(stored),
                CredentialJson.object(stored, "raw"));
    }

    static OAuth2Token imported(Fields fields) {
        var token = fields.text("access_token", TOKEN);
        var refreshToken = fields.optionalText("refresh_token", TOKEN);
        var expiresAt = ImportedCredentials.expiresAt(fields);
        var raw = Json.object().put("access_token", token);
        put(raw, "refresh_token", refreshToken);
        putTime(raw, "expires_at", expiresAt);
        return new OAuth2Token(token, refreshToken, expiresAt, ClientOverride.imported(fields), raw);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node = CredentialJson.typed(TYPE);
        if (!accessToken.isEmpty()) {
            node.put("access_token", accessToken);
        }
        put(node, "refresh_token", refreshToken);
        putTime(node, "expires_at", expiresAt);
        if (!client.isEmpty()) {
            node.set("config_override", client.json());
        }
        node.set("raw", raw);
        return node;
    }

    /** Of a login that waits for the provider to send its code. */
    public static OAuth2Token awaited() {
        return new OAuth2Token("", Optional.empty(), Optional.empty(), ClientOverride.NONE, Json.object());
    }

    /** The same with another expiry. */
    OAuth2Token until(Instant other) {
        return new OAuth2Token(accessToken, refreshToken, Optional.of(other), client, raw);
    }

    /** The same with another refresh token. */
    OAuth2Token withRefreshToken(String other) {
        return new OAuth2Token(accessToken, Optional.of(other), expiresAt, client, raw);
    }

    /** The same with the fields of an earlier answer that the last one lacks. */
    OAuth2Token withEarlier(ObjectNode answer) {
        var all = answer.deepCopy();
        all.setAll(raw);
        return new OAuth2Token(accessToken, refreshToken, expiresAt, client, all);
    }

    @Override
    public Optional<String> token() {
        return Optional.of(accessToken).filter(token -> !token.isEmpty());
    }

    @Override
    public boolean renewable() {
        return refreshToken.isPresent();
    }

    @Override
    public String toString() {
        return "OAuth2Token[***]";
    }
}
