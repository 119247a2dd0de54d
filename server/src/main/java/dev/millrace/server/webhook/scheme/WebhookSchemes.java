package dev.millrace.server.webhook.scheme;

import dev.millrace.server.provider.Provider;
import java.util.Optional;

/** Entry point: the scheme of a provider, from its definition. Thread-safe. */
public final class WebhookSchemes {
    /** Empty when the definition names no routing script and declares no webhooks: nothing is accepted then. */
    public Optional<WebhookScheme> of(Provider provider) {
        return Optional.empty();
    }
}
