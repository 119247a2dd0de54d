package dev.millrace.server.webhook;

import dev.millrace.server.integration.Integration;
import dev.millrace.server.webhook.scheme.IntegrationKeys;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The secrets and settings of an integration that are needed to verify its webhooks.
 *
 * @param url the URL at which the integration receives webhooks
 */
record Secrets(Integration integration, String url) implements IntegrationKeys {
    @Override
    public Optional<String> get(String name) {
        return switch (name) {
            case "webhook_secret" -> integration.webhookSecret();
            case "webhook_url" -> Optional.of(url);
            default ->
                integration
                        .credentials()
                        .flatMap(all -> text(all.path(name)))
                        .or(() -> text(integration.custom().path(name)));
        };
    }

    private static Optional<String> text(JsonNode value) {
        return value.stringValueOpt().filter(text -> !text.isEmpty());
    }
}
