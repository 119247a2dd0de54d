package dev.millrace.server.credential;

import dev.millrace.server.http.Fields;
import dev.millrace.server.provider.AuthMode;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Credentials that a caller holds and stores here.
 *
 * @param type as it was sent
 */
public record ImportedCredentials(String type, Credentials credentials) {
    /** Reads the field {@code credentials} and adds its errors to the fields. */
    public static ImportedCredentials read(Fields body) {
        var fields = body.object("credentials");
        var type = fields.any("type")
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .orElse("");
        if (!body.given("credentials")) {
            return new ImportedCredentials(type, new None());
        }
        var credentials = read(type, fields);
        fields.close();
        return new ImportedCredentials(type, credentials);
    }

    private static Credentials read(String type, Fields fields) {
        return switch (type) {
            case "OAUTH2" -> OAuth2Token.imported(fields);
            case "OAUTH2_CC" -> ClientCredentials.imported(fields);
            case "OAUTH1" -> OAuth1Token.imported(fields);
            case "API_KEY" -> ApiKey.given(fields);
            case "BASIC" -> Basic.given(fields);
            case "TBA" -> TokenBased.imported(fields);
            case "APP", "CUSTOM" -> AppToken.imported(fields);
            case "NONE" -> new None();
            default -> {
                fields.loose().issue("invalid_union", "Invalid input", "type");
                yield new None();
            }
        };
    }

    /** Whether such credentials can be imported for a provider with this mode. */
    public boolean fits(AuthMode mode) {
        return switch (mode) {
            case OAUTH2, OAUTH2_CC, OAUTH1, API_KEY, BASIC, TBA, APP, CUSTOM, NONE -> type.equals(mode.name());
            case TWO_STEP, MCP_OAUTH2, MCP_OAUTH2_GENERIC, JWT, BILL, SIGNATURE, INSTALL_PLUGIN, AWS_SIGV4 -> false;
        };
    }

    static Optional<Instant> expiresAt(Fields fields) {
        var given = fields.any("expires_at").filter(node -> !node.isNull());
        if (given.isEmpty()) {
            return Optional.empty();
        }
        // A number is milliseconds, as for JavaScript's {@code Date}, which the contract's clients use.
        var time = given.get().isNumber()
                ? Optional.of(Instant.ofEpochMilli(given.get().longValue()))
                : TokenLife.date(given.get());
        if (time.isEmpty()) {
            fields.issue("invalid_type", "Invalid input: expected date, received Date", "expires_at");
        }
        return time;
    }
}
