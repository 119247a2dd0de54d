package dev.millrace.server.webhook.scheme;

/** How one provider sends webhooks. Implementations are thread-safe. */
public interface WebhookScheme {
    /** Verifies a call and reads its events. Signatures are compared in constant time. May call the provider for keys. */
    Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException;
}
