package dev.millrace.server.integration;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The endpoints below {@code /integrations}. */
public final class IntegrationRoutes {
    private static final List<String> INCLUDES = List.of("webhook", "credentials");

    private final Integrations integrations;
    private final Providers providers;
    private final IntegrationView view;
    private final Predicate<Integration> hasConnections;
    private final Consumer<Integration> delete;

    /**
     * @param hasConnections whether an integration has any
     * @param delete deletes an integration with all that depends on it
     */
    public IntegrationRoutes(
            Integrations integrations,
            Providers providers,
            IntegrationView view,
            Predicate<Integration> hasConnections,
            Consumer<Integration> delete) {
        this.integrations = integrations;
        this.providers = providers;
        this.view = view;
        this.hasConnections = hasConnections;
        this.delete = delete;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                        "/integrations",
                        this::list,
                        "environment:integrations:list",
                        "environment:integrations:list_credentials",
                        Route.CONNECT_SESSION),
                Route.get(
                        "/integrations/{uniqueKey}",
                        this::get,
                        "environment:integrations:read",
                        "environment:integrations:read_credentials"),
                Route.post("/integrations", this::create, "environment:integrations:create"),
                Route.patch("/integrations/{uniqueKey}", this::update, "environment:integrations:update"),
                Route.delete("/integrations/{uniqueKey}", this::remove, "environment:integrations:delete"));
    }

    private Response list(Request request) {
        request.noQuery();
        var body = Json.object();
        var data = body.putArray("data");
        integrations.list(request.environment()).stream()
                .filter(integration -> request.caller().sees(integration.uniqueKey()))
                .forEach(integration -> data.add(view.show(integration)));
        return Response.ok(body);
    }

    private Response get(Request request) {
        var include = includes(request);
        var key = uniqueKey(request);
        boolean secrets = request.caller().may("environment:integrations:read_credentials");
        var allowed = include.stream()
                .filter(i -> secrets || !i.equals("credentials"))
                .toList();
        return Response.ok(data(view.show(request.environment(), key, allowed)));
    }

    private static List<String> includes(Request request) {
        var query = request.query();
        var include = query.any("include").map(IntegrationRoutes::texts).orElse(List.of());
        for (var item : include) {
            if (!INCLUDES.contains(item)) {
                query.issue("invalid_value", "Invalid option: expected one of \"webhook\"|\"credentials\"", "include");
            }
        }
        query.end();
        return include;
    }

    private static List<String> texts(JsonNode node) {
        return node.isArray() ? node.valueStream().map(n -> n.asString("")).toList() : List.of(node.asString(""));
    }

    private Response create(Request request) {
        request.noQuery();
        var body = request.bodyFields();
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
        return integrations
                .create(request.environment(), draft)
                .map(created -> Response.ok(data(view.show(created))))
                .orElseThrow(IntegrationRoutes::keyTaken);
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

    private Response update(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var newKey = body.optionalText("unique_key", Text.INTEGRATION_ID);
        var displayName = body.optionalText("display_name", Text.SHORT);
        var credentials = IntegrationInput.credentials(body);
        var forward = readForward(body);
        var config = IntegrationInput.texts(body, "integration_config");
        var custom = IntegrationInput.texts(body, "custom");
        var index = IntegrationInput.metadataIndex(body);
        body.end();
        var old = integration(request);
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
        var saved = integrations.save(state).orElseThrow(IntegrationRoutes::unknown);
        return Response.ok(data(view.show(saved)));
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

    private Response remove(Request request) {
        request.noQuery();
        delete.accept(integration(request));
        return Response.success();
    }

    private Integration integration(Request request) {
        return integrations.find(request.environment(), uniqueKey(request)).orElseThrow(IntegrationRoutes::unknown);
    }

    private static String uniqueKey(Request request) {
        var path = request.path();
        var key = path.text("uniqueKey", Text.INTEGRATION_ID);
        path.end();
        return key;
    }

    private static Failure unknown() {
        return Failure.plain(404, "not_found", "Integration does not exist");
    }

    private static ObjectNode data(ObjectNode shown) {
        var body = Json.object();
        body.set("data", shown);
        return body;
    }
}
