package dev.millrace.server.connection;

import dev.millrace.server.credential.AppToken;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.TokenBased;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.Provider;
import java.util.Map;
import java.util.Optional;
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

    /** A connection that was completed. The steps that follow have not been executed yet. */
    public interface Completed {
        /**
         * Executes the steps that follow and waits for their end. If nobody calls this, another process executes them
         * when this one has ended.
         */
        void settle() throws InterruptedException;
    }

    /**
     * Somebody approved the installation of an app: completes the connection that waits for it, if there is one.
     *
     * @param waiting what its {@code connection_config} has
     * @param values what that gets
     */
    public Optional<Completed> approved(
            Integration integration, Map<String, String> waiting, Map<String, String> values) {
        var sought = Json.object();
        waiting.forEach(sought::put);
        var found = connections.pending(integration, sought);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        var connection = found.get();
        var config = connection.config().deepCopy();
        config.remove("pending");
        values.forEach(config::put);
        var draft = new Connections.Draft(
                connection.connectionId(),
                installed(integration, connection.credentials(), config),
                config,
                null,
                Json.parseObject(connection.tags()),
                connection.endUser().map(Json::parseObject).orElse(null),
                connection.webhookUrlOverride().orElse(null),
                "provider");
        var stored = connections.upsert(integration, draft, hooks::stored);
        return Optional.of(() -> hooks.settle(stored.claim(), stored.connection()));
    }

    /** The token of the person stands alone until the app is installed, then beside the token of the installation. */
    private static Credentials installed(Integration integration, Credentials waiting, ObjectNode config) {
        var app = integration
                .credentials()
                .map(own -> own.path("app_id").asString(""))
                .orElse("");
        var installation = config.path("installation_id").asString("");
        return waiting instanceof OAuth2Token user && !app.isEmpty() && !installation.isEmpty()
                ? AppToken.installed(app, installation).withUser(Optional.of(user))
                : waiting;
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
