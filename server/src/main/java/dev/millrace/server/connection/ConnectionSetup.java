package dev.millrace.server.connection;

import dev.millrace.server.credential.AppToken;
import dev.millrace.server.credential.AuthorizationCode;
import dev.millrace.server.credential.ClientOverride;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.TokenBased;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContext;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates and reconnects connections: tests the credentials, stores and validates the connection, then starts the steps
 * that follow. Thread-safe.
 */
public final class ConnectionSetup {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionSetup.class);
    /** Time limit for an installation that brings a code. */
    private static final Duration LOGIN = Duration.ofHours(1);

    private static final Pattern HOST_NAME = Pattern.compile("[a-zA-Z0-9.-]+");

    private final Connections connections;
    private final Providers providers;
    private final TokenCalls tokens;
    private final CredentialsTest test;
    private final ConnectionHooks hooks;
    private final Clock clock;

    public ConnectionSetup(
            Connections connections,
            Providers providers,
            TokenCalls tokens,
            CredentialsTest test,
            ConnectionHooks hooks,
            Clock clock) {
        this.connections = connections;
        this.providers = providers;
        this.tokens = tokens;
        this.test = test;
        this.hooks = hooks;
        this.clock = clock;
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
     * @param code to be exchanged for its token; empty for a connection that has one
     * @throws TokenFailure when the code gives no token
     */
    public Optional<Completed> approved(
            Integration integration, Map<String, String> waiting, Map<String, String> values, Optional<String> code)
            throws InterruptedException {
        var sought = Json.object();
        waiting.forEach(sought::put);
        // A code belongs to a person who has just begun, not to anybody who once named the same account.
        var since = clock.instant().minus(LOGIN);
        var found = connections.pending(integration, sought).stream()
                .filter(waits -> code.isEmpty() || waits.updatedAt().isAfter(since))
                .toList();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        if (code.isPresent() && found.size() > 1) {
            // Whoever is not meant would get somebody else's token.
            LOG.warn(
                    "Several connections of {} wait for the same installation, so none gets its token",
                    integration.uniqueKey());
            return Optional.empty();
        }
        var connection = found.getFirst();
        var config = connection.config().deepCopy();
        config.remove("pending");
        values.forEach(config::put);
        var credentials = code.isPresent()
                ? exchanged(integration, code.get(), config)
                : installed(integration, connection.credentials(), config);
        var draft = new Connections.Draft(
                connection.connectionId(),
                credentials,
                config,
                null,
                Json.parseObject(connection.tags()),
                connection.endUser().map(Json::parseObject).orElse(null),
                connection.webhookUrlOverride().orElse(null),
                "provider");
        var stored = connections.upsert(integration, draft, hooks::stored);
        return Optional.of(() -> hooks.settle(stored.claim(), stored.connection()));
    }

    /** Adds what the definition keeps of the token's answer to the configuration. */
    private Credentials exchanged(Integration integration, String code, ObjectNode config) throws InterruptedException {
        var provider = providers
                .find(integration.provider())
                .orElseThrow(() -> TokenFailure.refused(
                        "unknown_provider_template",
                        "The provider " + integration.provider() + " is not in the catalogue."));
        var token = tokens.exchange(
                new TokenContext(provider, integration, config),
                new AuthorizationCode(code, "", Optional.empty(), ClientOverride.NONE, Optional.empty()));
        TokenCalls.metadata(provider, token).forEach((name, value) -> {
            if (config.path(name).asString("").isEmpty()) {
                config.set(name, value);
            }
        });
        return token;
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
