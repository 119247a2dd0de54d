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
import tools.jackson.databind.node.ObjectNode;

/**
 * A connection's own client and its token (OAuth 2.0 client credentials).
 *
 * @param value the token; empty until the first one has been fetched
 * @param certificate PEM; presented together with the key to servers that request a certificate
 * @param privateKey PEM, or a JWK that signs client assertions
 */
public record ClientCredentials(
        String value,
        Optional<Instant> expiresAt,
        String clientId,
        String clientSecret,
        Optional<String> certificate,
        Optional<String> privateKey,
        ObjectNode raw)
        implements Credentials {
    static final String TYPE = "OAUTH2_CC";

    private static final Text SECRET = Text.between(1, 2048);
    private static final Text PEM = Text.between(0, 10_000);

    static ClientCredentials of(ObjectNode stored) {
        return new ClientCredentials(
                CredentialJson.text(stored, "token"),
                CredentialJson.time(stored, "expires_at"),
                CredentialJson.text(stored, "client_id"),
                CredentialJson.text(stored, "client_secret"),
                optional(stored, "client_certificate"),
                optional(stored, "client_private_key"),
                CredentialJson.object(stored, "raw"));
    }

    static ClientCredentials imported(Fields fields) {
        var token = fields.text("token", Text.between(1, 4096));
        var id = fields.text("client_id", Text.SHORT);
        var secret = fields.text("client_secret", SECRET);
        var certificate = fields.optionalText("client_certificate", PEM);
        var key = fields.optionalText("client_private_key", PEM);
        var expiresAt = ImportedCredentials.expiresAt(fields);
        var raw = Json.object().put("token", token);
        putTime(raw, "expires_at", expiresAt);
        return new ClientCredentials(token, expiresAt, id, secret, certificate, key, raw);
    }

    /** The values that a person enters to have the first token fetched. */
    public static ClientCredentials client(
            String id, String secret, Optional<String> certificate, Optional<String> privateKey) {
        return new ClientCredentials("", Optional.empty(), id, secret, certificate, privateKey, Json.object());
    }

    ClientCredentials with(String token, Optional<Instant> until, ObjectNode answer) {
        return new ClientCredentials(token, until, clientId, clientSecret, certificate, privateKey, answer);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node = CredentialJson.typed(TYPE).put("token", value);
        putTime(node, "expires_at", expiresAt);
        node.put("client_id", clientId).put("client_secret", clientSecret);
        put(node, "client_certificate", certificate);
        put(node, "client_private_key", privateKey);
        node.set("raw", raw);
        return node;
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
    public Set<String> identifiers() {
        return Set.of(clientId);
    }

    @Override
    public String toString() {
        return "ClientCredentials[***]";
    }
}
