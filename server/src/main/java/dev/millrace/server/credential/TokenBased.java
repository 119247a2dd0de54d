package dev.millrace.server.credential;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Text;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A token that signs each call as NetSuite requires it (token-based authentication). */
public record TokenBased(String tokenId, String tokenSecret, ClientOverride client) implements Credentials {
    static final String TYPE = "TBA";

    private static final Text SECRET = Text.between(1, 2048);

    static TokenBased of(ObjectNode stored) {
        return new TokenBased(
                CredentialJson.text(stored, "token_id"),
                CredentialJson.text(stored, "token_secret"),
                ClientOverride.in(stored));
    }

    static TokenBased imported(Fields fields) {
        return new TokenBased(
                fields.text("token_id", SECRET), fields.text("token_secret", SECRET), ClientOverride.imported(fields));
    }

    /** The form in which a person enters it. */
    public static TokenBased given(Fields fields) {
        return new TokenBased(
                fields.text("token_id", SECRET),
                fields.text("token_secret", SECRET),
                new ClientOverride(
                        fields.optionalText("oauth_client_id_override", Text.SHORT),
                        fields.optionalText("oauth_client_secret_override", SECRET)));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node = CredentialJson.typed(TYPE).put("token_id", tokenId).put("token_secret", tokenSecret);
        node.set("config_override", client.json());
        return node;
    }

    @Override
    public Set<String> identifiers() {
        return Set.of(tokenId);
    }

    @Override
    public String toString() {
        return "TokenBased[***]";
    }
}
