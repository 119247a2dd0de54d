package dev.millrace.server.delivery;

import dev.millrace.server.environment.WebhookSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where an event goes: a connection's own address replaces the primary one and drops the secondary one. */
final class Addresses {
    static final String PRIMARY = "primary";
    static final String SECONDARY = "secondary";
    static final String OVERRIDE = "override";
    static final List<String> ROLES = List.of(PRIMARY, SECONDARY, OVERRIDE);

    private Addresses() {}

    record Address(String role, String url) {}

    static List<Address> of(WebhookSettings settings, Optional<String> override) {
        var own = override.filter(url -> !url.isBlank());
        if (own.isPresent()) {
            return List.of(new Address(OVERRIDE, own.get()));
        }
        var addresses = new ArrayList<Address>();
        settings.primaryUrl().ifPresent(url -> addresses.add(new Address(PRIMARY, url)));
        settings.secondaryUrl().ifPresent(url -> addresses.add(new Address(SECONDARY, url)));
        return addresses;
    }
}
