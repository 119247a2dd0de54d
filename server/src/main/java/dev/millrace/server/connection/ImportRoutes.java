package dev.millrace.server.connection;

import dev.millrace.server.credential.AppToken;
import dev.millrace.server.credential.ImportedCredentials;
import dev.millrace.server.credential.TokenBased;
import dev.millrace.server.environment.UrlRule;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /connections}: imports a connection with credentials that the caller holds. */
public final class ImportRoutes {
    private final Integrations integrations;
    private final Providers providers;
    private final ConnectionSetup setup;
    private final UrlRule urls;

    /** @param urls which addresses of webhooks are accepted */
    public ImportRoutes(Integrations integrations, Providers providers, ConnectionSetup setup, UrlRule urls) {
        this.integrations = integrations;
        this.providers = providers;
        this.setup = setup;
        this.urls = urls;
    }

    public List<Route> routes() {
        return List.of(Route.post("/connections", this::create, "environment:connections:create"));
    }

    private Response create(Request request) throws InterruptedException {
        request.noQuery();
        var body = request.bodyFields();
        var key = body.text("provider_config_key", Text.INTEGRATION_ID);
        var connectionId = body.optionalText("connection_id", Text.CONNECTION_ID)
                .orElseGet(() -> UUID.randomUUID().toString());
        var metadata = body.optionalRecord("metadata").orElseGet(Json::object);
        var config = config(body);
        var webhook = urls.optional(body, "webhook_url_override").orElse(null);
        var endUser = Tags.endUser(body);
        var tags = Tags.read(body, "tags", 1);
        var credentials = ImportedCredentials.read(body);
        body.end();
        var integration = integration(request, key);
        var provider = provider(integration);
        check(provider, credentials, config);
        var allTags = Tags.derive(endUser, tags)
                .orElseThrow(() -> Failure.refusedBody("A connection has at most 10 tags, derived ones included."));
        var draft = new Connections.Draft(
                connectionId,
                credentials.credentials(),
                config,
                metadata,
                allTags,
                endUser.orElse(null),
                webhook == null || webhook.isEmpty() ? null : webhook,
                "import:" + request.caller().key());
        var stored = setup.establish(integration, provider, draft);
        return Response.json(201, ConnectionJson.imported(stored.connection()));
    }

    private static ObjectNode config(Fields body) {
        if (!body.has("connection_config")) {
            body.any("connection_config");
            return Json.object();
        }
        var fields = body.object("connection_config").loose();
        fields.optionalTexts("oauth_scopes_override", Text.ANY);
        return body.any("connection_config")
                .filter(ObjectNode.class::isInstance)
                .map(ObjectNode.class::cast)
                .orElseGet(Json::object);
    }

    private Integration integration(Request request, String key) {
        return integrations
                .find(request.environment(), key)
                .orElseThrow(() -> Failure.plain(404, "not_found", "Integration does not exist"));
    }

    private Provider provider(Integration integration) {
        return providers
                .find(integration.provider())
                .orElseThrow(() -> Failure.plain(
                        404, "not_found", "Provider " + integration.provider() + " is not in the catalogue"));
    }

    private static void check(Provider provider, ImportedCredentials given, ObjectNode config) {
        if (!given.fits(provider.authMode())) {
            throw Failure.refusedBody(
                    "Provider " + provider.authMode() + " does not support " + given.type() + " auth");
        }
        var account = config.get("accountId");
        if (given.credentials() instanceof TokenBased && (account == null || !account.isString())) {
            throw Failure.refusedBody(
                    "Missing accountId in connection_config. This is required to create a TBA connection.");
        }
        // The renewal of an app's token reads its ids from connection_config.
        if (given.credentials() instanceof AppToken app) {
            app.appId().ifPresent(id -> config.put("app_id", id));
            app.installationId().ifPresent(id -> config.put("installation_id", id));
        }
    }
}
