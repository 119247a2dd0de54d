package dev.millrace.server.connect;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.UrlRule;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.integration.Integrations;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** Links to the Connect page, made by hand. Thread-safe. */
public final class ConnectLinks {
    private final ConnectSessions sessions;
    private final Connections connections;
    private final Integrations integrations;
    private final Supplier<String> url;

    /** @param url the public address of this server */
    public ConnectLinks(
            ConnectSessions sessions, Connections connections, Integrations integrations, Supplier<String> url) {
        this.sessions = sessions;
        this.connections = connections;
        this.integrations = integrations;
        this.url = url;
    }

    /** Whoever opens the link may connect until it expires. */
    public record Link(String url, Instant expiresAt) {}

    /**
     * For a new connection.
     *
     * @param integration the only one to choose; empty: all
     * @param customer their id in the application
     */
    public Link create(long environment, Optional<String> integration, String customer, Optional<String> name) {
        var body = Json.object();
        endUser(body, customer, name);
        integration.ifPresent(key -> body.putArray("allowed_integrations").add(key));
        return link(sessions.create(environment, input(environment, body).create(), OptionalLong.empty()));
    }

    private static void endUser(ObjectNode body, String customer, Optional<String> name) {
        var user = body.putObject("end_user").put("id", customer);
        name.ifPresent(text -> user.put("display_name", text));
    }

    private SessionInput input(long environment, ObjectNode body) {
        return new SessionInput(
                Fields.of(Part.BODY, body),
                key -> integrations.find(environment, key).isPresent(),
                UrlRule.NONE);
    }

    /** For a connection that exists: its customer gives new credentials. */
    public Link reconnect(long environment, String integration, String connectionId) {
        var connection = connections
                .find(environment, integration, connectionId)
                .orElseThrow(() -> Failure.plain(
                        404,
                        "not_found",
                        "The integration " + integration + " has no connection " + connectionId + "."));
        var body = Json.object();
        body.set("tags", Json.parseObject(connection.tags()));
        connection.endUser().ifPresent(user -> body.set("end_user", Json.parseObject(user)));
        var terms = input(environment, body).reconnect(integration);
        return link(sessions.create(environment, terms, OptionalLong.of(connection.id())));
    }

    private Link link(ConnectSessions.Created created) {
        return new Link(url.get() + "/connect/?session_token=" + created.token(), created.expiresAt());
    }
}
