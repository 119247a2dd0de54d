package dev.millrace.server.webhook.scheme;

import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Change notifications of Microsoft Graph. Each notification contains the secret of its subscription, so a call may
 * contain genuine and forged notifications. Forged notifications are dropped.
 *
 * @param declared reads the genuine notifications
 * @param required whether the integration must have a secret
 * @param hidden whether the secret is removed from the notifications before they are stored and forwarded
 */
record GraphNotifications(WebhookScheme declared, boolean required, boolean hidden) implements WebhookScheme {
    private static final String SECRET = "clientState";

    @Override
    public Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException {
        if (call.query().containsKey("validationToken")) {
            return declared.read(call, keys);
        }
        var payload = Payload.of(call, Optional.empty());
        if (!payload.valid()) {
            return new Reading.Refused(WebhookRefusal.INVALID_BODY);
        }
        var secret = keys.get("webhook_secret").filter(text -> !text.isBlank());
        if (secret.isEmpty() && required) {
            return new Reading.Refused(WebhookRefusal.NO_SECRET);
        }
        if (call.body().length == 0) {
            return new Reading.Answered(Reading.Response.SUCCESS);
        }
        if (!(payload.body().path("value") instanceof ArrayNode all)) {
            return new Reading.Refused(WebhookRefusal.INVALID_BODY);
        }
        if (all.isEmpty()) {
            return new Reading.Answered(Reading.Response.SUCCESS);
        }
        var genuine = new ArrayList<JsonNode>();
        for (var notification : all) {
            if (secret.isEmpty() || isGenuine(notification, secret.get())) {
                genuine.add(hidden ? without(notification) : notification);
            }
        }
        if (genuine.isEmpty()) {
            return new Reading.Refused(WebhookRefusal.INVALID_SIGNATURE);
        }
        var body = Json.object();
        genuine.forEach(body.putArray("value")::add);
        return declared.read(new ProviderCall(call.headers(), call.query(), Json.bytes(body)), keys);
    }

    private static boolean isGenuine(JsonNode notification, String secret) {
        return Crypto.equal(secret, Fields.text(notification, SECRET).orElse(""));
    }

    private static JsonNode without(JsonNode notification) {
        return notification instanceof ObjectNode object ? object.deepCopy().without(SECRET) : notification;
    }
}
