package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.putTime;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * A session at BILL.
 *
 * @param sessionId empty until the first login
 */
public record Bill(
        String username,
        String password,
        String organizationId,
        String devKey,
        String sessionId,
        String userId,
        Optional<Instant> expiresAt,
        ObjectNode raw)
        implements Credentials {
    static final String TYPE = "BILL";

    private static final Text PART = Text.between(1, 1024);

    static Bill of(ObjectNode stored) {
        return new Bill(
                CredentialJson.text(stored, "username"),
                CredentialJson.text(stored, "password"),
                CredentialJson.text(stored, "organization_id"),
                CredentialJson.text(stored, "dev_key"),
                CredentialJson.text(stored, "session_id"),
                CredentialJson.text(stored, "user_id"),
                CredentialJson.time(stored, "expires_at"),
                CredentialJson.object(stored, "raw"));
    }

    /** The form in which a person enters it. */
    public static Bill given(Fields fields) {
        return new Bill(
                fields.text("username", PART),
                fields.text("password", PART),
                fields.text("organization_id", PART),
                fields.text("dev_key", PART),
                "",
                "",
                Optional.empty(),
                Json.object());
    }

    Bill with(String session, String user, Instant until, ObjectNode answer) {
        return new Bill(username, password, organizationId, devKey, session, user, Optional.of(until), answer);
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
                .put("organization_id", organizationId)
                .put("dev_key", devKey)
                .put("session_id", sessionId)
                .put("user_id", userId);
        putTime(node, "expires_at", expiresAt);
        node.set("raw", raw);
        return node;
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
        return "Bill[***]";
    }
}
