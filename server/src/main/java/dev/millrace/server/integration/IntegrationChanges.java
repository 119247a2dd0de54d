package dev.millrace.server.integration;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Text;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** Creates and changes integrations as somebody asks for it, by the API or the dashboard. Thread-safe. */
public final class IntegrationChanges {
    private final Integrations integrations;
    private final Providers providers;
    private final Predicate<Integration> hasConnections;

    /** @param hasConnections whether an integration has any */
    public IntegrationChanges(Integrations integrations, Providers providers, Predicate<Integration> hasConnections) {
        this.integrations = integrations;
        this.providers = providers;
        this.hasConnections = hasConnections;
    }

    /** Creates one with the fields of a request. */
    public Integration create(long environment, Fields body) {
        var providerName = body.text("provider", Text.PROVIDER);
        var uniqueKey = body.text("unique_key", Text.INTEGRATION_ID);
        var displayName = body.optionalText("display_name", Text.SHORT);
        var credentials = IntegrationInput.credentials(body);
        var forward = body.optionalFlag("forward_webhooks", true);
        var config = IntegrationInput.texts(body, "integration_config");
        var custom = IntegrationInput.texts(body, "custom");
        var index = IntegrationInput.metadataIndex(body).orElse(List.of());
        body.end();
        var provider = providers
                .find(providerName)
                .orElseThrow(() -> Part.BODY.refuse("invalid_string", "Invalid provider", "provider"));
        IntegrationInput.checkMode(provider, credentials, true);
        credentials.ifPresent(given -> IntegrationInput.fillScopes(provider, given));
        var values = values(provider, config, custom, Json.object(), true);
        WebhookSecret.move(credentials, Optional.empty(), custom, values);
        var draft = new Integrations.Draft(uniqueKey, providerName, displayName, forward, credentials, values, index);
        return integrations.create(environment, draft).orElseThrow(IntegrationChanges::keyTaken);
    }

    private static Failure keyTaken() {
        return Part.BODY.refuse("invalid_string", "Unique key already exists", "uniqueKey");
    }

    private static ObjectNode values(
            Provider provider,
            Optional<ObjectNode> config,
            Optional<ObjectNode> custom,
            ObjectNode stored,
            boolean creating) {
        boolean ofWebhooks = custom.map(given -> WebhookSecret.SETTINGS.containsAll(given.propertyNames()))
                .orElse(true);
        if (provider.integrationConfig().isPresent() && !ofWebhooks) {
            throw Failure.refusedBody("The provider " + provider.name()
                    + " has an integration_config: send these values as integration_config instead of custom");
        }
        var merged = stored.deepCopy();
        if (config.isPresent() || (creating && provider.integrationConfig().isPresent())) {
            merged.setAll(provider.checkConfig(config.orElseGet(Json::object), creating));
            merged.properties().removeIf(e -> e.getValue().asString("").isEmpty());
        }
        custom.ifPresent(merged::setAll);
        return merged;
    }

    /** Changes what the fields name; the body is checked before the integration is looked for. */
    public Integration update(Supplier<Integration> changed, Fields body) {
        var newKey = body.optionalText("unique_key", Text.INTEGRATION_ID);
        var displayName = body.optionalText("display_name", Text.SHORT);
        var credentials = IntegrationInput.credentials(body);
        var forward = readForward(body);
        var config = IntegrationInput.texts(body, "integration_config");
        var custom = IntegrationInput.texts(body, "custom");
        var index = IntegrationInput.metadataIndex(body);
        body.end();
        var old = changed.get();
        newKey.filter(key -> !key.equals(old.uniqueKey())).ifPresent(key -> checkRename(old, key));
        var provider = providers.find(old.provider());
        provider.ifPresent(p -> IntegrationInput.checkMode(p, credentials, false));
        var values = provider.map(p -> values(p, config, custom, old.custom(), false))
                .orElse(old.custom());
        WebhookSecret.move(credentials, old.credentials(), custom, values);
        var state = new Integration(
                old.id(),
                old.environmentId(),
                newKey.orElse(old.uniqueKey()),
                old.provider(),
                displayName.or(old::displayName),
                forward.orElse(old.forwardWebhooks()),
                credentials.or(old::credentials),
                values,
                index.orElse(old.metadataIndex()));
        return integrations.save(state).orElseThrow(IntegrationRoutes::unknown);
    }

    private static Optional<Boolean> readForward(Fields body) {
        return body.has("forward_webhooks")
                ? Optional.of(body.optionalFlag("forward_webhooks", true))
                : Optional.empty();
    }

    private void checkRename(Integration old, String key) {
        if (integrations.find(old.environmentId(), key).isPresent()) {
            throw Failure.refusedBody("The unique key " + key + " is taken by another integration.");
        }
        if (hasConnections.test(old)) {
            throw Failure.refusedBody("The unique key of an integration with active connections cannot be changed.");
        }
    }
}
