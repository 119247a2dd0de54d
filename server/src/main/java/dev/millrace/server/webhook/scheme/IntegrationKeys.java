package dev.millrace.server.webhook.scheme;

import java.util.Optional;

/**
 * The values of an integration that are needed to verify webhooks: its secrets by their names in the credentials, its
 * own settings by their names in {@code custom}, and {@code webhook_url}, the URL at which it receives webhooks.
 */
public interface IntegrationKeys {
    /**
     * Returns the value with this name, for example {@code webhook_secret}, {@code client_id}, {@code client_secret},
     * {@code private_key} or {@code app_link}; empty if it is not set.
     */
    Optional<String> get(String name);
}
