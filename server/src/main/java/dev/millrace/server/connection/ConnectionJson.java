package dev.millrace.server.connection;

import dev.millrace.server.credential.AppToken;
import dev.millrace.server.credential.CredentialJson;
import dev.millrace.server.credential.RefreshFailure;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Renders connections. */
public final class ConnectionJson {
    private ConnectionJson() {}

    /** An item of the list. */
    static ObjectNode item(Connection connection) {
        var node = head(connection);
        return node.put("created", Times.micros(connection.createdAt()));
    }

    /**
     * One connection.
     *
     * @param fetchedAt the time shown as last_fetched_at
     * @param withRefreshToken whether the response contains refresh tokens
     */
    public static ObjectNode shown(Connection connection, Optional<Instant> fetchedAt, boolean withRefreshToken) {
        var node = bare(connection, fetchedAt);
        var credentials = connection.credentials();
        if (withRefreshToken) {
            node.set("connection_config", connection.config());
        }
        var own = withRefreshToken ? credentials.json() : credentials.withoutRefreshToken();
        var user = own.remove(AppToken.USER);
        if (user != null) {
            var config = ((ObjectNode) node.get("connection_config")).deepCopy();
            config.set(AppToken.USER, user);
            node.set("connection_config", config);
        }
        node.set("credentials", own);
        return node;
    }

    /** One connection for callers that may not see credentials. */
    static ObjectNode bare(Connection connection, Optional<Instant> fetchedAt) {
        var node = whole(connection, fetchedAt, Times::offset);
        node.set("connection_config", CredentialJson.withoutRefreshTokens(connection.config()));
        node.putObject("credentials");
        return node;
    }

    /** A connection whose credentials do not work. */
    static Failure refused(Connection connection, RefreshFailure failure) {
        var details = Json.object();
        details.putObject("payload").set("connection", bare(connection, connection.lastFetchedAt()));
        return new Failure.Plain(failure.status(), "invalid_credentials", failure.getMessage(), details);
    }

    /** The response to an import: dates end in {@code Z}, credentials as stored. */
    static ObjectNode imported(Connection connection) {
        var node = whole(connection, connection.lastFetchedAt(), Times::utc);
        node.putArray("errors");
        node.set("credentials", connection.credentials().json());
        return node;
    }

    private static ObjectNode whole(
            Connection connection, Optional<Instant> fetchedAt, Function<Instant, String> date) {
        var node = head(connection);
        node.set("connection_config", connection.config());
        node.put("webhook_url_override", connection.webhookUrlOverride().orElse(null));
        node.put("created_at", date.apply(connection.createdAt()));
        node.put("updated_at", date.apply(connection.updatedAt()));
        node.put("last_fetched_at", fetchedAt.map(date).orElse(null));
        return node;
    }

    private static ObjectNode head(Connection connection) {
        var node = Json.object()
                .put("id", connection.id())
                .put("connection_id", connection.connectionId())
                .put("provider_config_key", connection.integration())
                .put("provider", connection.provider());
        node.putRawValue("errors", new RawValue(errors(connection)));
        raw(node, "end_user", connection.endUser());
        raw(node, "tags", Optional.of(connection.tags()));
        raw(node, "metadata", connection.metadata());
        return node;
    }

    /** The error of the credentials comes first. */
    private static String errors(Connection connection) {
        return connection
                .authFailure()
                .map(failure -> {
                    var own = Json.text(Json.object()
                            .put("type", "auth")
                            .put("log_id", failure.log().toString()));
                    var others = connection.errors().substring(1);
                    return '[' + own + (others.equals("]") ? "" : ",") + others;
                })
                .orElse(connection.errors());
    }

    /** Sends stored JSON without parsing it. */
    private static void raw(ObjectNode node, String name, Optional<String> json) {
        if (json.isPresent()) {
            node.putRawValue(name, new RawValue(json.get()));
        } else {
            node.putNull(name);
        }
    }
}
