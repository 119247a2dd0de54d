package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.optional;
import static dev.millrace.server.credential.CredentialJson.put;
import static dev.millrace.server.credential.CredentialJson.putTime;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The token of an installed app (GitHub).
 *
 * @param user the token of the person who installed it, where the app asks for one
 * @param accessToken empty until the first one was fetched
 */
public record AppToken(
        Optional<String> accessToken,
        Optional<Instant> expiresAt,
        Optional<String> appId,
        Optional<String> installationId,
        Optional<OAuth2Token> user,
        ObjectNode raw)
        implements Credentials {
    static final String TYPE = "APP";
    /** Stored with the token since it is as secret; shown with {@code connection_config}. */
    public static final String USER = "userCredentials";

    /** Of an app that has just been installed; its first token is not fetched yet. */
    public static AppToken installed(String appId, String installationId) {
        return new AppToken(
                Optional.empty(),
                Optional.empty(),
                Optional.of(appId),
                Optional.of(installationId),
                Optional.empty(),
                Json.object());
    }

    static AppToken of(ObjectNode stored) {
        return new AppToken(
                optional(stored, "access_token"),
                CredentialJson.time(stored, "expires_at"),
                optional(stored, "app_id"),
                optional(stored, "installation_id"),
                stored.get(USER) instanceof ObjectNode user ? Optional.of(OAuth2Token.of(user)) : Optional.empty(),
                CredentialJson.object(stored, "raw"));
    }

    static AppToken imported(Fields fields) {
        return new AppToken(
                Optional.empty(),
                Optional.empty(),
                Optional.of(fields.text("app_id", Text.SHORT)),
                Optional.of(fields.text("installation_id", Text.SHORT)),
                Optional.empty(),
                Json.object());
    }

    AppToken with(String token, Optional<Instant> until, ObjectNode answer) {
        return new AppToken(Optional.of(token), until, appId, installationId, user, answer);
    }

    /** The same with another token of the person, or with none. */
    public AppToken withUser(Optional<OAuth2Token> other) {
        return new AppToken(accessToken, expiresAt, appId, installationId, other, raw);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node = CredentialJson.typed(TYPE);
        put(node, "access_token", accessToken);
        putTime(node, "expires_at", expiresAt);
        put(node, "app_id", appId);
        put(node, "installation_id", installationId);
        user.ifPresent(token -> node.set(USER, token.json()));
        node.set("raw", raw);
        return node;
    }

    @Override
    public Optional<String> token() {
        return accessToken;
    }

    @Override
    public boolean renewable() {
        return true;
    }

    @Override
    public Set<String> identifiers() {
        return Stream.concat(appId.stream(), installationId.stream()).collect(Collectors.toSet());
    }

    @Override
    public String toString() {
        return "AppToken[***]";
    }
}
