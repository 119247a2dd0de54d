package dev.millrace.server.delivery;

import dev.millrace.server.environment.WebhookSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The addresses that receive an event: the primary and the secondary address of the environment. An address of the
 * connection replaces both.
 */
final class Addresses {
    static final String PRIMARY = "primary";
    static final String SECONDARY = "secondary";
    static final String OVERRIDE = "override";
    static final List<String> ROLES = List.of(PRIMARY, SECONDARY, OVERRIDE);

    private Addresses() {}

    /** @param role one of {@link #ROLES} */
    record Address(String role, String url) {}

    static List<Address> of(WebhookSettings settings, Optional<String> override) {
        var connectionUrl = override.filter(url -> !url.isBlank());
        if (connectionUrl.isPresent()) {
            return List.of(new Address(OVERRIDE, connectionUrl.get()));
        }
        var addresses = new ArrayList<Address>();
        settings.primaryUrl().ifPresent(url -> addresses.add(new Address(PRIMARY, url)));
        settings.secondaryUrl().ifPresent(url -> addresses.add(new Address(SECONDARY, url)));
        return addresses;
    }
}
