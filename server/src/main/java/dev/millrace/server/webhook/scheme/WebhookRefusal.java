package dev.millrace.server.webhook.scheme;

/**
 * The reason why a webhook is not accepted.
 *
 * @param status the HTTP status of the response
 * @param code the error code, for example {@code webhook_invalid_signature}
 * @param message the error message in the response
 */
public record WebhookRefusal(int status, String code, String message) {
    static final WebhookRefusal INVALID_SIGNATURE =
            new WebhookRefusal(401, "webhook_invalid_signature", "Invalid webhook signature");
    static final WebhookRefusal MISSING_SIGNATURE =
            new WebhookRefusal(401, "webhook_missing_signature", "Missing webhook signature");
    static final WebhookRefusal MISSING_TOKEN =
            new WebhookRefusal(401, "webhook_missing_token", "Missing webhook token");
    static final WebhookRefusal NO_SECRET = new WebhookRefusal(
            400, "webhook_invalid_secret", "The integration has no usable secret for the verification of webhooks");
    static final WebhookRefusal INVALID_BODY =
            new WebhookRefusal(400, "webhook_invalid_body", "The body of the webhook cannot be read");
    static final WebhookRefusal KEYS_UNAVAILABLE = new WebhookRefusal(
            503, "webhook_keys_unavailable", "The keys of the provider could not be fetched; send the webhook again");

    /** The refusal of a webhook that must name its connection but does not. */
    static WebhookRefusal missing(String code) {
        var message = code.equals("webhook_missing_shop_domain")
                ? "Webhook does not name its shop"
                : "Webhook payload is missing nangoConnectionId";
        return new WebhookRefusal(400, code, message);
    }
}
