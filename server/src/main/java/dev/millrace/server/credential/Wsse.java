package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.putTime;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Text;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * A WS-Security user token, signed again when it expires.
 *
 * @param value empty until the first one has been created
 */
public record Wsse(String username, String password, String value, Optional<Instant> expiresAt) implements Credentials {
    static final String TYPE = "SIGNATURE";

    private static final Text PART = Text.between(1, 1024);

    static Wsse of(ObjectNode stored) {
        return new Wsse(
                CredentialJson.text(stored, "username"),
                CredentialJson.text(stored, "password"),
                CredentialJson.text(stored, "token"),
                CredentialJson.time(stored, "expires_at"));
    }

    /** The form in which a person enters it. */
    public static Wsse given(Fields fields) {
        return new Wsse(fields.text("username", PART), fields.text("password", PART), "", Optional.empty());
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node = CredentialJson.typed(TYPE)
                .put("username", username)
                .put("password", password)
                .put("token", value);
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
    public Set<String> identifiers() {
        return Set.of(username);
    }

    @Override
    public String toString() {
        return "Wsse[***]";
    }
}
