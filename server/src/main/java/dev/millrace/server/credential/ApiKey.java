package dev.millrace.server.credential;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Text;
import tools.jackson.databind.node.ObjectNode;

/** A key that is sent with each call. The definition says where. */
public record ApiKey(String apiKey) implements Credentials {
    static final String TYPE = "API_KEY";

    static ApiKey of(ObjectNode stored) {
        return new ApiKey(CredentialJson.text(stored, "apiKey"));
    }

    /** The form in which a caller sends it. */
    public static ApiKey given(Fields fields) {
        return new ApiKey(fields.text("apiKey", Text.between(1, 4096)));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        return CredentialJson.typed(TYPE).put("apiKey", apiKey);
    }

    @Override
    public String toString() {
        return "ApiKey[***]";
    }
}
