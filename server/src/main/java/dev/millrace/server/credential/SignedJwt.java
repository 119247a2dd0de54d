package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.putTime;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * A token that this server signs itself.
 *
 * @param fields entered values, from which the definition builds the token
 * @param value empty until the first token has been signed
 */
public record SignedJwt(ObjectNode fields, String value, Optional<Instant> expiresAt) implements Credentials {
    static final String TYPE = "JWT";

    private static final Set<String> OURS = Set.of("type", "token", "expires_at");

    static SignedJwt of(ObjectNode stored) {
        return new SignedJwt(
                stored.deepCopy().remove(OURS),
                CredentialJson.text(stored, "token"),
                CredentialJson.time(stored, "expires_at"));
    }

    /** The values that a person enters to have the first token signed. */
    public static SignedJwt typed(ObjectNode typed) {
        return new SignedJwt(typed.deepCopy().remove(OURS), "", Optional.empty());
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
        putTime(node, "expires_at", expiresAt);
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
    public String toString() {
        return "SignedJwt[***]";
    }
}
