package dev.millrace.server.integration;

import dev.millrace.server.environment.Environments;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Integrations in the form that clients and functions get. Thread-safe. */
public final class IntegrationView {
    private final Integrations integrations;
    private final Providers providers;
    private final Environments environments;
    private final Supplier<String> publicUrl;

    public IntegrationView(
            Integrations integrations, Providers providers, Environments environments, Supplier<String> publicUrl) {
        this.integrations = integrations;
        this.providers = providers;
        this.environments = environments;
        this.publicUrl = publicUrl;
    }

    /** One integration with the requested parts: {@code webhook}, {@code credentials}. */
    public ObjectNode show(long environment, String uniqueKey, List<String> include) {
        return integrations
                .find(environment, uniqueKey)
                .map(integration -> show(integration, include))
                .orElseThrow(() -> Failure.plain(404, "not_found", "Integration \"" + uniqueKey + "\" does not exist"));
    }

    ObjectNode show(Integration integration, List<String> include) {
        var shown = show(integration);
        if (include.contains("webhook")) {
            shown.put("webhook_url", webhookUrl(integration).orElse(null));
        }
        if (include.contains("credentials")) {
            var credentials = integration.credentials().<JsonNode>map(stored -> {
                var readable = IntegrationInput.shown(stored);
                integration
                        .webhookSecret()
                        .filter(_ -> readable.has(WebhookSecret.CREDENTIAL))
                        .ifPresent(secret -> readable.put(WebhookSecret.CREDENTIAL, secret));
                return readable;
            });
            shown.set("credentials", credentials.orElseGet(() -> shown.nullNode()));
        }
        return shown;
    }

    private Optional<String> webhookUrl(Integration integration) {
        return providers
                .find(integration.provider())
                .filter(Provider::receivesWebhooks)
                .map(_ -> publicUrl.get() + "/webhook/"
                        + environments.get(integration.environmentId()).uuid() + "/" + integration.uniqueKey());
    }

    ObjectNode show(Integration integration) {
        var provider = providers.find(integration.provider());
        var name = integration
                .displayName()
                .or(() -> provider.map(Provider::displayName))
                .orElse(integration.provider());
        var shown = Json.object()
                .put("unique_key", integration.uniqueKey())
                .put("provider", integration.provider())
                .put("display_name", name)
                .put("logo", publicUrl.get() + "/images/template-logos/" + integration.provider() + ".svg")
                .put("forward_webhooks", integration.forwardWebhooks())
                .put("created_at", Times.utc(integration.createdAt()))
                .put("updated_at", Times.utc(integration.updatedAt()));
        var label = integration.custom().path("keyLabel").asString("");
        if (!label.isEmpty()) {
            shown.putObject("credentials_label").put("apiKey", label);
        }
        for (var block : List.of("credentials", "connection_config")) {
            var preset =
                    integration.preset(provider.flatMap(p -> p.block(block)).orElseGet(Json::object));
            if (!preset.isEmpty()) {
                preset.forEach(shown.putArray("preconfigured_" + block)::add);
            }
        }
        if (!integration.metadataIndex().isEmpty()) {
            integration.metadataIndex().forEach(shown.putArray("metadata_index")::add);
        }
        return shown;
    }
}
