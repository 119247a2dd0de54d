package dev.millrace.server.delivery;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.environment.WebhookSettings;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Provider;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Adds the {@code auth} webhooks to the outbox: a connection was created, authorised again or deleted, its credentials
 * failed or recovered. The settings of the environment decide which of them are sent. The methods run in the caller's
 * transaction. Thread-safe.
 */
public final class AuthWebhooks {
    private static final String UNKNOWN = "unknown";

    private final WebhookOutbox outbox;
    private final LongFunction<String> environmentName;
    private final Function<String, Optional<Provider>> providers;

    /**
     * @param environmentName returns the name of an environment by its id
     * @param providers finds a provider by its name
     */
    public AuthWebhooks(
            WebhookOutbox outbox,
            LongFunction<String> environmentName,
            Function<String, Optional<Provider>> providers) {
        this.outbox = outbox;
        this.environmentName = environmentName;
        this.providers = providers;
    }

    /**
     * Reports that a connection was created.
     *
     * @param byEndUser whether the end user created it; the body then includes the end user
     */
    public void created(Handle handle, Connection connection, boolean byEndUser) {
        var body = success(connection, "creation", byEndUser);
        outbox.auth(handle, Subject.of(connection), WebhookSettings::onAuthCreation, false, body);
    }

    /**
     * Reports that an attempt to connect failed. No connection exists.
     *
     * @param connectionId the id that the connection would have had
     * @param type the error code
     * @param description the error message
     */
    public void creationFailed(
            Handle handle,
            long environment,
            String integration,
            String connectionId,
            String provider,
            String type,
            String description) {
        var subject = new Subject(environment, OptionalLong.empty(), integration, connectionId);
        var body = body(subject, provider, "creation").put("success", false);
        body.set("error", error(type, description));
        outbox.auth(handle, subject, WebhookSettings::onAuthCreation, false, body);
    }

    /**
     * Reports that a connection was authorised again.
     *
     * @param byEndUser whether the end user did so; the body then includes the end user
     */
    public void replaced(Handle handle, Connection connection, boolean byEndUser) {
        outbox.auth(handle, Subject.of(connection), null, false, success(connection, "override", byEndUser));
    }

    /** Reports that a connection was authorised again, but a function rejected the new credentials. */
    public void replacementFailed(Handle handle, Connection connection, String type, String description) {
        outbox.auth(handle, Subject.of(connection), null, false, failure(connection, "override", type, description));
    }

    /** Reports that the credentials could not be refreshed, or that the provider no longer accepts them. */
    public void refreshFailed(Handle handle, Connection connection, String type, String description) {
        var body = failure(connection, "refresh", type, description);
        outbox.auth(handle, Subject.of(connection), WebhookSettings::onAuthRefreshError, false, body);
    }

    /** Reports that the credentials are valid again after a failure. */
    public void recovered(Handle handle, Connection connection) {
        var body = success(connection, "refresh", false);
        outbox.auth(handle, Subject.of(connection), WebhookSettings::onAuthRefreshError, false, body);
    }

    /** Reports that this transaction deletes a connection. No later event of the connection is sent. */
    public void deleted(Handle handle, Connection connection) {
        var body = success(connection, "deletion", true);
        outbox.auth(handle, Subject.of(connection), WebhookSettings::onConnectionDeletion, true, body);
    }

    private ObjectNode success(Connection connection, String operation, boolean withEndUser) {
        var body = body(connection, operation).put("success", true);
        if (withEndUser) {
            connection.endUser().map(Json::parseObject).ifPresent(user -> body.set("endUser", endUser(user)));
        }
        return body;
    }

    private ObjectNode failure(Connection connection, String operation, String type, String description) {
        var body = body(connection, operation).put("success", false);
        body.set("error", error(type, description));
        return body;
    }

    private static ObjectNode error(String type, String description) {
        return Json.object().put("type", type).put("description", description);
    }

    private ObjectNode body(Connection connection, String operation) {
        var body = body(Subject.of(connection), connection.provider(), operation);
        body.set("tags", Json.parseObject(connection.tags()));
        return body;
    }

    private ObjectNode body(Subject subject, String provider, String operation) {
        var known = providers.apply(provider);
        return subject.body("auth")
                .put("operation", operation)
                .put(
                        "authMode",
                        known.map(Provider::authMode).map(AuthMode::name).orElse(UNKNOWN))
                .put("provider", known.isPresent() ? provider : UNKNOWN)
                .put("environment", environmentName.apply(subject.environment()));
    }

    private static ObjectNode endUser(JsonNode stored) {
        var user = Json.object()
                .put("endUserId", stored.path("id").asString(""))
                .put("endUserEmail", stored.path("email").stringValueOpt().orElse(null));
        stored.path("organization").path("id").stringValueOpt().ifPresent(id -> user.put("organizationId", id));
        user.set("tags", stored.get("tags") instanceof ObjectNode tags ? tags : Json.object());
        return user;
    }
}
