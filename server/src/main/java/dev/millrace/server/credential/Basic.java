package dev.millrace.server.credential;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Text;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A user name and a password, either of which may be empty. */
public record Basic(String username, String password) implements Credentials {
    static final String TYPE = "BASIC";

    private static final Text PART = Text.between(0, 1024);

    static Basic of(ObjectNode stored) {
        return new Basic(CredentialJson.text(stored, "username"), CredentialJson.text(stored, "password"));
    }

    /** The form in which a caller sends it. */
    public static Basic given(Fields fields) {
        return new Basic(fields.text("username", PART), fields.text("password", PART));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        return CredentialJson.typed(TYPE).put("username", username).put("password", password);
    }

    /** Many providers take an API key as the user name, without a password. */
    @Override
    public Set<String> identifiers() {
        return password.isEmpty() ? Set.of() : Set.of(username);
    }

    @Override
    public String toString() {
        return "Basic[***]";
    }
}
