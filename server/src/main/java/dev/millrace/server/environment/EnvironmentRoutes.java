package dev.millrace.server.environment;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The variables, settings and signing key of the caller's own environment. */
public final class EnvironmentRoutes {
    private static final Text NAME = Text.matching("^[A-Za-z_][A-Za-z0-9_]*$");
    private static final Text VALUE = Text.between(0, 64 * 1024);

    private final Variables variables;
    private final EnvironmentSettings settings;
    private final SigningKeys signingKeys;
    private final Supplier<String> url;

    /** @param url the URL of this server */
    public EnvironmentRoutes(
            Variables variables, EnvironmentSettings settings, SigningKeys signingKeys, Supplier<String> url) {
        this.variables = variables;
        this.settings = settings;
        this.signingKeys = signingKeys;
        this.url = url;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/environment-variables", this::variables, "environment:variables:read"),
                Route.put("/environment-variables", this::replaceVariables, "environment:variables:write"),
                Route.patch("/environment-variables", this::changeVariables, "environment:variables:write"),
                Route.get("/environment/settings", this::settings, "environment:settings:read"),
                Route.patch("/environment/settings", this::change, "environment:settings:write"),
                Route.post(
                        "/environment/webhook-signing-key/rotate",
                        this::rotate,
                        "environment:webhook_signing_key:rotate"));
    }

    private Response variables(Request request) {
        request.noQuery();
        return Response.ok(variables.list(request.environment()));
    }

    private Response replaceVariables(Request request) {
        request.noQuery();
        return Response.ok(variables.replace(request.environment(), values(request, false)));
    }

    private Response changeVariables(Request request) {
        request.noQuery();
        return Response.ok(variables.change(request.environment(), values(request, true)));
    }

    /** @param removing whether a value may be null */
    private static Map<String, Optional<String>> values(Request request, boolean removing) {
        if (!(request.json() instanceof ArrayNode array)) {
            throw Part.BODY.refuse("invalid_type", "Invalid input: expected an array of {\"name\", \"value\"}");
        }
        // Errors name the index of an item, so the array becomes a member of an object that the errors can name.
        var fields = Fields.of(Part.BODY, Json.object().set("variables", array));
        fields.array("variables");
        var values = new LinkedHashMap<String, Optional<String>>();
        for (int i = 0; i < array.size(); i++) {
            var item = fields.item("variables", i, array.get(i));
            var name = item.text("name", NAME);
            boolean removed = removing && item.has("value") && !item.given("value");
            if (removed) {
                item.any("value");
            }
            var value = removed ? Optional.<String>empty() : Optional.of(item.text("value", VALUE));
            item.close();
            if (values.put(name, value) != null) {
                item.issue("custom", "Invalid input: the name \"" + name + "\" stands twice in the list", "name");
            }
        }
        fields.end();
        return values;
    }

    private Response settings(Request request) {
        request.noQuery();
        return shown(request.environment());
    }

    private Response change(Request request) {
        request.noQuery();
        settings.change(request.environment(), request.bodyFields());
        return shown(request.environment());
    }

    private Response shown(long environment) {
        var read = settings.read(environment);
        var json = read.json();
        json.put("callback_url", read.callbackUrl().orElseGet(() -> url.get() + "/oauth/callback"));
        json.setAll(settings.sealed(environment).masked());
        return Response.ok(Json.object().set("data", json));
    }

    private Response rotate(Request request) {
        request.noQuery();
        ObjectNode answer = Json.object();
        answer.putObject("data").put("webhook_signing_key", signingKeys.rotate(request.environment()));
        return Response.ok(answer);
    }
}
