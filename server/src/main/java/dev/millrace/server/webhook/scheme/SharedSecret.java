package dev.millrace.server.webhook.scheme;

import java.util.Optional;

/**
 * Webhooks of a provider that does not sign. For providers that let users add headers, the integration can name a
 * header that must contain the webhook secret.
 */
record SharedSecret(WebhookScheme unsigned) implements WebhookScheme {
    /** The name of the setting in {@code custom}. */
    private static final String HEADER = "webhookSecretHeader";

    @Override
    public Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException {
        var header = keys.get(HEADER).map(String::strip).filter(name -> !name.isEmpty());
        var refusal = header.flatMap(name -> refusal(call, keys, name));
        return refusal.isPresent() ? new Reading.Refused(refusal.get()) : unsigned.read(call, keys);
    }

    private static Optional<WebhookRefusal> refusal(ProviderCall call, IntegrationKeys keys, String header) {
        var secret = keys.get("webhook_secret").filter(text -> !text.isBlank());
        var given = call.header(header);
        if (secret.isEmpty()) {
            return Optional.of(WebhookRefusal.NO_SECRET);
        }
        if (given.isEmpty()) {
            return Optional.of(WebhookRefusal.MISSING_TOKEN);
        }
        return Crypto.equal(secret.get(), given.get())
                ? Optional.empty()
                : Optional.of(WebhookRefusal.INVALID_SIGNATURE);
    }
}
