package dev.millrace.server.connect;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an application has set for connections made with a session.
 *
 * @param json the stored form
 */
record SessionTerms(ObjectNode json) {
    /** The form in which connections show them. */
    Optional<ObjectNode> endUser() {
        return json.get("end_user") instanceof ObjectNode user ? Optional.of(user) : Optional.empty();
    }

    private ObjectNode tags() {
        return json.get("tags") instanceof ObjectNode tags ? tags : Json.object();
    }

    private Optional<String> webhookUrlOverride() {
        return json.path("webhook_url_override").stringValueOpt().filter(url -> !url.isEmpty());
    }

    /** An empty list allows all integrations. */
    List<String> allowed() {
        return json.path("allowed_integrations")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    /** The configuration that connections to an integration get, whatever the customer sends. */
    JsonNode defaults(String integration) {
        return json.path("integrations_config_defaults").path(integration);
    }

    /** The connection made with the session of this number. */
    Connections.Draft draft(long session, String connectionId, Credentials credentials, ObjectNode config) {
        return new Connections.Draft(
                connectionId,
                credentials,
                config,
                null,
                tags(),
                endUser().orElse(null),
                webhookUrlOverride().orElse(null),
                Connections.SESSION + session);
    }

    @Override
    public String toString() {
        return "SessionTerms[***]";
    }
}
