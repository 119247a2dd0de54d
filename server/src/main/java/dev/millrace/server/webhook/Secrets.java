package dev.millrace.server.webhook;

import dev.millrace.server.integration.Integration;
import dev.millrace.server.webhook.scheme.IntegrationKeys;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The secrets of an integration: its credentials, and the webhook secret, which may be among its custom values. */
record Secrets(Integration integration) implements IntegrationKeys {
    private static final String WEBHOOK_SECRET = "webhook_secret";

    @Override
    public Optional<String> get(String name) {
        var found = integration.credentials().flatMap(all -> text(all.path(name)));
        if (found.isEmpty() && name.equals(WEBHOOK_SECRET)) {
            return text(integration.custom().path("webhookSecret"));
        }
        return found.or(() -> text(integration.custom().path(name)));
    }

    private static Optional<String> text(JsonNode value) {
        return value.stringValueOpt().filter(text -> !text.isEmpty());
    }
}
