package dev.millrace.server.webhook.scheme;

import java.util.Optional;

/** The secrets of an integration with which a webhook can be verified, by their names in its credentials. */
public interface IntegrationKeys {
    /** For example {@code webhook_secret}, {@code client_id}, {@code client_secret}, {@code private_key}, {@code app_link}. */
    Optional<String> get(String name);
}
