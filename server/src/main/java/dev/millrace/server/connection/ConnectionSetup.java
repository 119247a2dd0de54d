package dev.millrace.server.connection;

import dev.millrace.server.credential.TokenBased;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.Provider;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates and reconnects connections: tests the credentials, stores and validates the connection, then starts the steps
 * that follow. Thread-safe.
 */
public final class ConnectionSetup {
    private static final Pattern HOST_NAME = Pattern.compile("[a-zA-Z0-9.-]+");

    private final Connections connections;
    private final CredentialsTest test;
    private final ConnectionHooks hooks;

    public ConnectionSetup(Connections connections, CredentialsTest test, ConnectionHooks hooks) {
        this.connections = connections;
        this.test = test;
        this.hooks = hooks;
    }

    /**
     * Creates the connection, or replaces the one with the same id.
     *
     * @throws Failure when the provider or a validating function refuses it
     */
    public Connections.Stored establish(Integration integration, Provider provider, Connections.Draft draft)
            throws InterruptedException {
        hostNames(provider, draft.config());
        var refusal = test.refusal(integration, draft);
        if (refusal.isPresent()) {
            var code = draft.credentials() instanceof TokenBased ? "invalid_credentials" : "connection_test_failed";
            throw Failure.plain(400, code, refusal.get());
        }
        var stored = connections.upsert(integration, draft, hooks::stored);
        var invalid = hooks.settle(stored.claim(), stored.connection());
        if (invalid.isPresent()) {
            throw Failure.plain(400, "connection_validation_failed", invalid.get());
        }
        return stored;
    }

    /** The value becomes part of the URL that receives the credentials, so it must be a host name. */
    private static void hostNames(Provider provider, ObjectNode config) {
        var fields = provider.block("connection_config").orElseGet(Json::object);
        for (var field : fields.properties()) {
            var value = config.path(field.getKey()).asString("");
            if (field.getValue().path("format").asString("").equals("hostname")
                    && !value.isEmpty()
                    && !HOST_NAME.matcher(value).matches()) {
                throw Failure.refusedBody("connection_config." + field.getKey() + " is '" + value
                        + "', but must be a host name: letters, digits, dots and hyphens.");
            }
        }
    }
}
