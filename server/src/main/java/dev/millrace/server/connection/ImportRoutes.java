package dev.millrace.server.connection;

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
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /connections}: import a connection whose credentials the caller holds (http-api §5.3). */
public final class ImportRoutes {
    private static final Pattern HOST_NAME = Pattern.compile("[a-zA-Z0-9.-]+");

    private final Connections connections;
    private final Integrations integrations;
    private final Providers providers;
    private final CredentialsTest test;
    private final ConnectionHooks hooks;

    public ImportRoutes(
            Connections connections,
            Integrations integrations,
            Providers providers,
            CredentialsTest test,
            ConnectionHooks hooks) {
        this.connections = connections;
        this.integrations = integrations;
        this.providers = providers;
        this.test = test;
        this.hooks = hooks;
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
        var webhook = ConnectionRoutes.webhookUrl(body);
        var endUser = Tags.endUser(body);
        var tags = Tags.read(body, "tags", 1);
        var credentials = CredentialsInput.read(body);
        body.end();
        var integration = integration(request, key);
        check(provider(integration), credentials, config);
        var allTags = Tags.derive(endUser, tags)
                .orElseThrow(() -> Failure.refusedBody("A connection has at most 10 tags, derived ones included."));
        var draft = new Connections.Draft(
                connectionId,
                credentials.stored(),
                config,
                metadata,
                allTags,
                endUser.orElse(null),
                webhook == null || webhook.isEmpty() ? null : webhook,
                "import:" + request.caller().key());
        var refusal = test.refusal(integration, draft);
        if (refusal.isPresent()) {
            throw Failure.plain(400, "connection_test_failed", refusal.get());
        }
        return store(integration, draft);
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

    private static void check(Provider provider, CredentialsInput.Given credentials, ObjectNode config) {
        var mode = provider.authMode().name();
        if (!CredentialsInput.fits(credentials.type(), mode)) {
            throw Failure.refusedBody("Provider " + mode + " does not support " + credentials.type() + " auth");
        }
        var account = config.get("accountId");
        if (credentials.type().equals("TBA") && (account == null || !account.isString())) {
            throw Failure.refusedBody(
                    "Missing accountId in connection_config. This is required to create a TBA connection.");
        }
        hostNames(provider, config);
        // An app's ids are read from connection_config when its token is fetched.
        if (mode.equals("APP") || mode.equals("CUSTOM")) {
            config.set("app_id", credentials.stored().get("app_id"));
            config.set("installation_id", credentials.stored().get("installation_id"));
        }
    }

    /** A host name becomes part of the address that gets the credentials, so it must be one. */
    private static void hostNames(Provider provider, ObjectNode config) {
        var fields = provider.block("connection_config").orElseGet(Json::object);
        for (var field : fields.properties()) {
            var value = config.path(field.getKey()).asString("");
            if (field.getValue().path("format").asString("").equals("hostname")
                    && !value.isEmpty()
                    && !HOST_NAME.matcher(value).matches()) {
                throw Failure.refusedBody("connection_config." + field.getKey() + " is '" + value
                        + "', but must be a host name: letters, digits, dots and hyphens.");
            }
        }
    }

    private Response store(Integration integration, Connections.Draft draft) throws InterruptedException {
        var stored = connections.upsert(integration, draft, hooks::stored);
        var refusal = hooks.settle(stored.claim(), stored.connection());
        if (refusal.isPresent()) {
            throw Failure.plain(400, "connection_validation_failed", refusal.get());
        }
        return Response.json(201, ConnectionJson.imported(stored.connection()));
    }
}
