package dev.millrace.server.credential;

import dev.millrace.server.integration.Integrations;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.time.Duration;

/** Loads what token calls for a connection need. Thread-safe. */
public final class TokenContexts {
    private static final long BUFFER_SECONDS = 900;

    private final Providers providers;
    private final Integrations integrations;

    public TokenContexts(Providers providers, Integrations integrations) {
        this.providers = providers;
        this.integrations = integrations;
    }

    /** How long before it expires a token is renewed. */
    Duration buffer(StoredCredentials held) {
        return Duration.ofSeconds(providers
                .find(held.provider())
                .map(provider -> provider.definition().path("token_expiration_buffer"))
                .filter(node -> node.isNumber())
                .map(node -> node.longValue())
                .orElse(BUFFER_SECONDS));
    }

    /** Whether a token can be exchanged for a newer one without a refresh token. */
    boolean renewsByToken(StoredCredentials held) {
        return held.credentials() instanceof OAuth2Token
                && providers
                        .find(held.provider())
                        .flatMap(provider -> TokenRules.of(provider).renewal())
                        .isPresent();
    }

    TokenContext of(StoredCredentials held) {
        var integration = integrations
                .find(held.environment(), held.integration())
                .orElseThrow(() -> TokenFailure.impossible(
                        "unknown_provider_config",
                        "The integration " + held.integration() + " does not exist any more."));
        return new TokenContext(provider(held), integration, held.config());
    }

    private Provider provider(StoredCredentials held) {
        return providers
                .find(held.provider())
                .orElseThrow(() -> TokenFailure.impossible(
                        "unknown_provider_template",
                        "The provider " + held.provider() + " is not in the catalogue: add its definition with"
                                + " --providers."));
    }
}
