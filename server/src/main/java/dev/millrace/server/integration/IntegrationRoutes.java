package dev.millrace.server.integration;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The endpoints below {@code /integrations}. */
public final class IntegrationRoutes {
    private static final List<String> INCLUDES = List.of("webhook", "credentials");

    private final Integrations integrations;
    private final IntegrationChanges changes;
    private final IntegrationView view;
    private final Consumer<Integration> delete;

    /** @param delete deletes an integration with all that depends on it */
    public IntegrationRoutes(
            Integrations integrations, IntegrationChanges changes, IntegrationView view, Consumer<Integration> delete) {
        this.integrations = integrations;
        this.changes = changes;
        this.view = view;
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
        return Response.ok(data(view.show(changes.create(request.environment(), request.bodyFields()))));
    }

    private Response update(Request request) {
        request.noQuery();
        // The body is checked before the name in the path.
        return Response.ok(data(view.show(changes.update(() -> integration(request), request.bodyFields()))));
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

    static Failure unknown() {
        return Failure.plain(404, "not_found", "Integration does not exist");
    }

    private static ObjectNode data(ObjectNode shown) {
        var body = Json.object();
        body.set("data", shown);
        return body;
    }
}
