package dev.millrace.server.webhook.scheme;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Provider;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Entry point: the scheme of a provider, from its definition. Thread-safe. */
public final class WebhookSchemes {
    /** Empty when the definition names no routing script and declares no webhooks: nothing is accepted then. */
    public Optional<WebhookScheme> of(Provider provider) {
        return provider.text("webhook_routing_script")
                .filter("unauthenticatedWebhookRouting"::equals)
                .map(_ -> WebhookSchemes::read);
    }

    private static Reading read(ProviderCall call, IntegrationKeys keys) {
        JsonNode body = call.body().length == 0 ? Json.object() : parsed(call);
        var event = new WebhookEvent(
                body,
                body.path("type").stringValueOpt(),
                Optional.empty(),
                body.path("id").stringValueOpt(),
                body.path("connectionId")
                        .stringValueOpt()
                        .<Match>map(Match.ConnectionId::new)
                        .orElse(new Match.First(List.of())),
                Optional.empty());
        var response = new Reading.Response(200, "application/json", "{\"status\":\"success\"}");
        return new Reading.Accepted(List.of(event), body, response, Optional.empty());
    }

    private static JsonNode parsed(ProviderCall call) {
        if (call.header("content-type").orElse("").contains("form")) {
            var form = Json.object();
            for (var pair : new String(call.body(), java.nio.charset.StandardCharsets.UTF_8).split("&", -1)) {
                var parts = pair.split("=", 2);
                form.put(parts[0], parts[1]);
            }
            return form;
        }
        return Json.parse(call.body());
    }
}
