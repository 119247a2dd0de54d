package dev.millrace.server.credential;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import tools.jackson.databind.node.ObjectNode;

/** An OAuth 1.0 token, which signs each call. */
public record OAuth1Token(String oauthToken, String oauthTokenSecret, ClientOverride client, ObjectNode raw)
        implements Credentials {
    static final String TYPE = "OAUTH1";

    private static final Text SECRET = Text.between(1, 2048);

    static OAuth1Token of(ObjectNode stored) {
        return new OAuth1Token(
                CredentialJson.text(stored, "oauth_token"),
                CredentialJson.text(stored, "oauth_token_secret"),
                ClientOverride.in(stored),
                CredentialJson.object(stored, "raw"));
    }

    static OAuth1Token imported(Fields fields) {
        return new OAuth1Token(
                fields.text("oauth_token", SECRET),
                fields.text("oauth_token_secret", SECRET),
                ClientOverride.NONE,
                Json.object());
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node =
                CredentialJson.typed(TYPE).put("oauth_token", oauthToken).put("oauth_token_secret", oauthTokenSecret);
        if (!client.isEmpty()) {
            node.set("config_override", client.json());
        }
        node.set("raw", raw);
        return node;
    }

    @Override
    public String toString() {
        return "OAuth1Token[***]";
    }
}
