package dev.millrace.server.integration;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import dev.millrace.server.provider.Provider;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Reads the fields of an integration from a request. */
final class IntegrationInput {
    private static final List<String> OAUTH = List.of("OAUTH1", "OAUTH2", "TBA", "MCP_OAUTH2", "MCP_OAUTH2_GENERIC");
    private static final Set<String> NEED_CREDENTIALS = Set.of("OAUTH1", "OAUTH2", "APP", "CUSTOM");
    private static final Set<String> TAKE_CREDENTIALS =
            Set.of("OAUTH1", "OAUTH2", "TBA", "APP", "CUSTOM", "MCP_OAUTH2", "MCP_OAUTH2_GENERIC");
    private static final Pattern SCOPES = Pattern.compile("^$|^[0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*$");
    private static final Text SCOPE_LIST = new Text(0, Integer.MAX_VALUE, Optional.of(SCOPES));
    private static final int MOST_PATHS = 16;
    private static final Text LONG_VALUE = Text.between(0, 8192);

    private IntegrationInput() {}

    /** The object {@code credentials}, validated by its type. */
    static Optional<ObjectNode> credentials(Fields body) {
        if (!body.has("credentials")) {
            body.any("credentials");
            return Optional.empty();
        }
        var fields = body.object("credentials");
        var node = body.any("credentials").filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast);
        var type = fields.any("type")
                .filter(t -> t.isString())
                .map(t -> t.stringValue())
                .orElse("");
        switch (type) {
            case "OAUTH1", "OAUTH2", "TBA" -> oauth(fields);
            case "MCP_OAUTH2", "MCP_OAUTH2_GENERIC" -> mcp(fields);
            case "APP" -> app(fields);
            case "CUSTOM" -> {
                oauthClient(fields);
                app(fields);
            }
            default -> fields.loose().issue("invalid_union", "Invalid input", "type");
        }
        fields.close();
        return node;
    }

    private static void oauth(Fields fields) {
        oauthClient(fields);
        fields.optionalText("scopes", SCOPE_LIST);
        fields.optionalText("webhook_secret", Text.between(0, 255));
    }

    /** A client that was set up by hand may be a public one; one that registers itself may be narrowed by scopes. */
    private static void mcp(Fields fields) {
        fields.optionalText("client_id", Text.between(1, 2048));
        fields.optionalText("client_secret", Text.between(1, 2048));
        fields.optionalText("scopes", SCOPE_LIST);
    }

    private static void oauthClient(Fields fields) {
        fields.text("client_id", Text.SHORT);
        fields.text("client_secret", Text.between(1, Integer.MAX_VALUE));
    }

    private static void app(Fields fields) {
        fields.text("app_id", Text.SHORT);
        fields.text("app_link", Text.between(1, 2048));
        var key = fields.text("private_key", Text.ANY).strip();
        if (!key.startsWith("-----BEGIN RSA PRIVATE KEY----") || !key.endsWith("-----END RSA PRIVATE KEY-----")) {
            fields.issue("custom", "The private key must be a PEM text of an RSA key", "private_key");
        }
    }

    /** An object whose values are texts. */
    static Optional<ObjectNode> texts(Fields body, String name) {
        if (!body.has(name)) {
            body.any(name);
            return Optional.empty();
        }
        var record = body.record(name);
        for (var entry : record.properties()) {
            if (!entry.getValue().isString()) {
                body.issue("invalid_type", "Invalid input: expected string", name, entry.getKey());
            } else if (entry.getValue().stringValue().length() > LONG_VALUE.max()) {
                body.issue("too_big", "Too big: expected string to have <=8192 characters", name, entry.getKey());
            }
        }
        return Optional.of(record);
    }

    /** Metadata paths that can be used to look up connections. */
    static Optional<List<String>> metadataIndex(Fields body) {
        if (!body.has("metadata_index")) {
            body.any("metadata_index");
            return Optional.empty();
        }
        var paths = body.texts("metadata_index", Text.SHORT);
        if (paths.size() > MOST_PATHS) {
            body.issue("too_big", "Too big: expected array to have <=" + MOST_PATHS + " items", "metadata_index");
        }
        return Optional.of(paths.stream().distinct().toList());
    }

    /** Whether credentials match the provider's mode. */
    static void checkMode(Provider provider, Optional<ObjectNode> credentials, boolean creating) {
        var mode = provider.authMode().name();
        if (credentials.isPresent()) {
            var type = credentials.get().path("type").asString("");
            if (!TAKE_CREDENTIALS.contains(mode) || !type.equals(mode)) {
                throw Failure.refusedBody("incompatible credentials auth type and provider auth: the provider "
                        + provider.name() + " uses " + mode + ", the credentials say " + type);
            }
        } else if (creating && NEED_CREDENTIALS.contains(mode)) {
            throw Failure.refusedBody("Missing credentials: the provider " + provider.name() + " (" + mode
                    + ") needs a credentials object of type " + mode);
        }
    }

    /** Scopes that are not given are those of the definition, if it has some. */
    static void fillScopes(Provider provider, ObjectNode credentials) {
        var scopes = provider.definition().path("default_scopes");
        if (!credentials.has("scopes") && !scopes.isEmpty()) {
            credentials.put(
                    "scopes",
                    scopes.valueStream().map(scope -> scope.asString("")).collect(Collectors.joining(",")));
        }
    }

    /** The credentials, in the form that the API returns to callers who may read them. */
    static ObjectNode shown(ObjectNode stored) {
        var type = stored.path("type").asString("");
        var names = OAUTH.contains(type)
                ? List.of("client_id", "client_secret", "scopes", "webhook_secret")
                : type.equals("APP")
                        ? List.of("app_id", "private_key", "app_link")
                        : List.of("client_id", "client_secret", "app_id", "app_link", "private_key");
        var shown = Json.object().put("type", type);
        for (var name : names) {
            if (stored.hasNonNull(name)) {
                shown.set(name, stored.get(name));
            } else {
                shown.putNull(name);
            }
        }
        return shown;
    }
}
