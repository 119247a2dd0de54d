package dev.millrace.server.webhook.scheme;

import java.util.Optional;

/** Webhooks of ConnectWise. The body names the URL of the key that has signed it. */
record Connectwise(WebhookScheme declared, ConnectwiseKeys signingKeys) implements WebhookScheme {
    /** The name by which the definition refers to the key. */
    static final String KEY = "connectwise_key";

    @Override
    public Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException {
        if (call.header("x-content-signature").isEmpty()) {
            return new Reading.Refused(WebhookRefusal.MISSING_SIGNATURE);
        }
        var payload = Payload.of(call, Optional.empty());
        if (!payload.valid()) {
            return new Reading.Refused(WebhookRefusal.INVALID_BODY);
        }
        var url = Fields.text(payload.body(), "Metadata.key_url").filter(ConnectwiseKeys::isTrusted);
        if (url.isEmpty()) {
            return new Reading.Refused(WebhookRefusal.INVALID_SIGNATURE);
        }
        var key = signingKeys.key(url.get()).map(Crypto::hexSha256);
        return key.isEmpty()
                ? new Reading.Refused(WebhookRefusal.KEYS_UNAVAILABLE)
                : declared.read(call, name -> name.equals(KEY) ? key : keys.get(name));
    }
}
