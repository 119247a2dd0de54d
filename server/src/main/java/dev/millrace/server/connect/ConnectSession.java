package dev.millrace.server.connect;

import dev.millrace.server.http.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a customer who holds its token may connect, and as whom.
 *
 * @param terms what the application has set; as stored
 * @param connection the one that is to be authorised again
 */
public record ConnectSession(
        long id, long environmentId, ObjectNode terms, OptionalLong connection, Instant expiresAt) {
    /** As connections show them. */
    Optional<ObjectNode> endUser() {
        return terms.get("end_user") instanceof ObjectNode user ? Optional.of(user) : Optional.empty();
    }

    /** Of the connections that are made. */
    ObjectNode tags() {
        return terms.get("tags") instanceof ObjectNode tags ? tags : Json.object();
    }

    /** Empty means all. */
    List<String> allowed() {
        return terms.path("allowed_integrations")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    boolean allows(String integration) {
        return allowed().isEmpty() || allowed().contains(integration);
    }

    /** What the connections to an integration get whatever the customer sends. */
    JsonNode defaults(String integration) {
        return terms.path("integrations_config_defaults").path(integration);
    }

    Optional<String> webhookUrlOverride() {
        return terms.path("webhook_url_override").stringValueOpt().filter(url -> !url.isEmpty());
    }

    @Override
    public String toString() {
        return "ConnectSession[" + id + ']';
    }
}
