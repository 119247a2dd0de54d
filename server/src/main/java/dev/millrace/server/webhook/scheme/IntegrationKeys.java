package dev.millrace.server.webhook.scheme;

import java.util.Optional;

/**
 * What an integration knows for the verification of webhooks: its secrets by their names in its credentials, its own
 * settings by their names in {@code custom}, and {@code webhook_url}, the URL at which its webhooks arrive.
 */
public interface IntegrationKeys {
    /** For example {@code webhook_secret}, {@code client_id}, {@code client_secret}, {@code private_key}, {@code app_link}. */
    Optional<String> get(String name);
}
