package dev.millrace.server.proxy;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.FreshConnections;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.RefreshFailure;
import dev.millrace.server.credential.StoredCredentials;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.provider.Providers;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Loads what a call to a connection's provider needs. Thread-safe. */
public final class Targets implements TargetLookup {
    // The attempts of a call read the credentials again when the last read is older than this.
    private static final Duration REREAD = Duration.ofSeconds(60);

    private final Integrations integrations;
    private final Connections connections;
    private final FreshConnections fresh;
    private final Providers providers;

    public Targets(Integrations integrations, Connections connections, FreshConnections fresh, Providers providers) {
        this.integrations = integrations;
        this.connections = connections;
        this.fresh = fresh;
        this.providers = providers;
    }

    @Override
    public TargetSource find(long environment, String integrationKey, String connectionId) throws InterruptedException {
        TargetSource read = () -> {
            var found = connections
                    .find(integrations, environment, integrationKey, connectionId)
                    .orElseThrow(() -> unknown(environment, integrationKey));
            return of(found.integration(), fresh(found.connection()));
        };
        var first = read.current();
        var readAt = System.nanoTime();
        return () -> System.nanoTime() - readAt < REREAD.toNanos() ? first : read.current();
    }

    private RuntimeException unknown(long environment, String integrationKey) {
        return integrations.find(environment, integrationKey).isPresent()
                ? TargetLookup.unknownConnection()
                : TargetLookup.unknownIntegration();
    }

    private Connection fresh(Connection connection) throws InterruptedException {
        try {
            return fresh.of(connection, false);
        } catch (RefreshFailure e) {
            throw e.forProxy();
        }
    }

    /** The target of a connection whose integration exists. */
    public Target of(Connection connection) {
        var integration = integrations
                .find(connection.environmentId(), connection.integration())
                .orElseThrow(() -> OutboundFailure.refused(
                        "unknown_provider",
                        "The integration " + connection.integration() + " does not exist any more."));
        return of(integration, connection);
    }

    /** The target of stored credentials, without metadata. */
    Target of(StoredCredentials held) {
        var integration = integrations
                .find(held.environment(), held.integration())
                .orElseThrow(() -> OutboundFailure.refused(
                        "unknown_provider", "The integration " + held.integration() + " does not exist any more."));
        return of(integration, held.credentials(), held.config(), Json.object());
    }

    /** The target of a connection that is not stored yet. */
    Target of(Integration integration, Connections.Draft draft) {
        var metadata = draft.metadata();
        return of(integration, draft.credentials(), draft.config(), metadata == null ? Json.object() : metadata);
    }

    private Target of(Integration integration, Connection connection) {
        return of(
                integration,
                connection.credentials(),
                connection.config(),
                Json.parseObject(connection.metadata().orElse(null)));
    }

    private Target of(Integration integration, Credentials credentials, ObjectNode config, ObjectNode metadata) {
        var provider = providers
                .find(integration.provider())
                .orElseThrow(() -> OutboundFailure.refused(
                        "unknown_provider",
                        "The provider " + integration.provider() + " is not in the catalogue: add its definition with"
                                + " --providers."));
        return new Target(
                provider,
                credentials,
                config,
                metadata,
                integration.custom(),
                client(integration, credentials.client().id(), "client_id"),
                client(integration, credentials.client().secret(), "client_secret"));
    }

    /** A connection's own client takes precedence over its integration's. */
    private static Optional<String> client(Integration integration, Optional<String> own, String name) {
        return own.or(() -> integration.credentials().flatMap(c -> c.path(name).stringValueOpt()));
    }
}
