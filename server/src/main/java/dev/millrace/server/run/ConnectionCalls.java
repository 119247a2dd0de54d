package dev.millrace.server.run;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionJson;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.FreshConnections;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.OAuth1Token;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.RefreshFailure;
import dev.millrace.server.environment.Variables;
import dev.millrace.server.function.js.FunctionHost.ApiAnswer;
import dev.millrace.server.function.js.FunctionHost.ConnectionCall;
import dev.millrace.server.function.js.FunctionHost.ConnectionRef;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import dev.millrace.server.integration.IntegrationView;
import dev.millrace.server.metadata.Actor;
import dev.millrace.server.metadata.Address;
import dev.millrace.server.metadata.Edit;
import dev.millrace.server.metadata.Metadata;
import dev.millrace.server.metadata.UnknownConnection;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A run's access to connections, metadata, its integration and the environment's variables. */
final class ConnectionCalls {
    private static final Duration REMEMBERED = Duration.ofSeconds(60);

    private record Key(String integration, String connectionId) {}

    private record Read(Connection connection, Instant at) {}

    private final Connections connections;
    private final FreshConnections fresh;
    private final Metadata metadata;
    private final IntegrationView integrations;
    private final Variables variables;
    private final Clock clock;
    private final Work work;
    private final Actor actor;
    private final Map<Key, Read> read = new ConcurrentHashMap<>();

    /** @param run its id, for the history of the metadata that it changes */
    ConnectionCalls(Platform platform, Work work, long run) {
        this.connections = platform.connections();
        this.fresh = platform.fresh();
        this.metadata = platform.metadata();
        this.integrations = platform.integrationView();
        this.variables = platform.variables();
        this.clock = platform.clock();
        this.work = work;
        this.actor =
                Actor.function(work.connection().integration(), work.function().name(), run);
    }

    /** The connection whose credentials a call uses; at most 60 seconds old. */
    Connection current(ConnectionRef connection) throws InterruptedException {
        return current(key(connection));
    }

    private Key key(ConnectionRef connection) {
        return new Key(
                connection.providerConfigKey().orElse(work.connection().integration()),
                connection.connectionId().orElse(work.connection().connectionId()));
    }

    private Connection current(Key key) throws InterruptedException {
        var known = read.get(key);
        if (known != null && known.at().plus(REMEMBERED).isAfter(clock.instant())) {
            return known.connection();
        }
        return current(key, false);
    }

    private Connection current(Key key, boolean force) throws InterruptedException {
        var found = connections
                .find(work.connection().environmentId(), key.integration(), key.connectionId())
                .orElseThrow(() -> HostError.response(
                        404, Errors.body(Failure.plain(404, "not_found", "Failed to find connection"))));
        var current = fresh(found, force);
        read.put(key, new Read(current, clock.instant()));
        return current;
    }

    private Connection fresh(Connection connection, boolean force) throws InterruptedException {
        try {
            return fresh.of(connection, force);
        } catch (RefreshFailure e) {
            throw HostError.response(e.status(), Errors.body(fresh.refused(connection, e)));
        }
    }

    /** The provider refused the credentials, so they are read again before the next call. */
    void forget() {
        read.clear();
    }

    byte[] connection(ConnectionCall call) throws InterruptedException {
        if (call.forceRefresh()) {
            forget();
        }
        var connection = current(key(call.connection()), call.forceRefresh());
        return Json.bytes(ConnectionJson.shown(connection, Optional.of(clock.instant()), call.refreshToken()));
    }

    byte[] token() throws InterruptedException {
        var own = new Key(work.connection().integration(), work.connection().connectionId());
        return Json.bytes(
                switch (current(own, false).credentials()) {
                    case OAuth2Token token -> JsonNodeFactory.instance.stringNode(token.accessToken());
                    case OAuth1Token token ->
                        Json.object()
                                .put("oAuthToken", token.oauthToken())
                                .put("oAuthTokenSecret", token.oauthTokenSecret());
                    case Credentials other -> other.json();
                });
    }

    ApiAnswer setMetadata(byte[] body) {
        return writeMetadata(Edit::replace, 201, body);
    }

    ApiAnswer updateMetadata(byte[] body) {
        return writeMetadata(Edit::merge, 200, body);
    }

    private ApiAnswer writeMetadata(Function<ObjectNode, Edit> change, int status, byte[] body) {
        if (!(parsed(body) instanceof ObjectNode object)) {
            var text = cut(new String(body, StandardCharsets.UTF_8));
            throw HostError.response(
                    400, Errors.body(Failure.refusedBody("Metadata must be an object; received: " + text)));
        }
        var own = work.connection();
        var address = new Address(own.environmentId(), own.integration(), own.connectionId());
        try {
            metadata.write(address, change.apply(object), actor);
        } catch (UnknownConnection _) {
            throw HostError.response(
                    404,
                    Errors.body(Failure.plain(404, "unknown_connection", "The connection does not exist any more")));
        } finally {
            forget();
        }
        var answer =
                Json.object().put("connection_id", own.connectionId()).put("provider_config_key", own.integration());
        answer.set("metadata", object);
        return new ApiAnswer(status, Json.bytes(answer));
    }

    private static JsonNode parsed(byte[] metadata) {
        try {
            return Json.parse(metadata);
        } catch (JacksonException e) {
            var why = Storable.faultOfNames(new String(metadata, StandardCharsets.UTF_8))
                    .orElse("cannot be read: " + e.getOriginalMessage());
            throw HostError.response(400, Errors.body(Failure.refusedBody("The metadata " + why)));
        }
    }

    private static String cut(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }

    byte[] integration(List<String> include) {
        return Json.bytes(integrations.show(
                work.connection().environmentId(), work.connection().integration(), include));
    }

    byte[] variables() {
        return Json.bytes(variables.list(work.connection().environmentId()));
    }
}
