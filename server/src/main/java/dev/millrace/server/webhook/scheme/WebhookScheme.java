package dev.millrace.server.webhook.scheme;

/** Verifies and reads the webhooks of one provider. Implementations are thread-safe. */
public interface WebhookScheme {
    /**
     * Verifies a call and reads its events. Compares signatures in constant time. May fetch keys from the provider.
     *
     * @return the events, a direct response, or a refusal
     * @throws InterruptedException if the thread is interrupted while keys are fetched
     */
    Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException;
}
