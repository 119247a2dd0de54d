package dev.millrace.server.proxy;

import dev.millrace.server.activity.Secrets;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Provider;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a call goes and with which credentials: a connection of an integration of a provider.
 *
 * @param custom the integration's own values ({@code integration_config})
 */
public record Target(
        Provider provider,
        JsonNode credentials,
        ObjectNode connectionConfig,
        ObjectNode metadata,
        ObjectNode custom,
        Optional<String> clientId,
        Optional<String> clientSecret) {
    /** All that templates of the definition may name (providers §4). */
    public Names names() {
        return safeNames()
                .or(Names.under("credentials.", credentials))
                .or(path -> Names.read(credentials, path))
                .or(this::wellKnown)
                .or(path -> Names.read(connectionConfig, path));
    }

    /** What a caller may name: nothing secret. */
    public Names safeNames() {
        return Names.under("connectionConfig.", connectionConfig).or(Names.under("metadata.", metadata));
    }

    private @Nullable String wellKnown(String path) {
        return switch (path) {
            case "accessToken" -> accessToken().orElse(null);
            case "clientId" -> clientId.orElse(null);
            case "clientSecret" -> clientSecret.orElse(null);
            default -> null;
        };
    }

    Optional<String> accessToken() {
        return credentials
                .path("access_token")
                .stringValueOpt()
                .or(() -> credentials.path("token").stringValueOpt())
                .filter(token -> !token.isEmpty());
    }

    /** What must not show in logs or reach another host. */
    Secrets secrets() {
        var secrets = new Secrets();
        secrets.add(Secrets.in(credentials));
        secrets.add(Stream.concat(clientId.stream(), clientSecret.stream()).toList());
        return secrets;
    }

    @Override
    public String toString() {
        return "Target[" + provider.name() + ']';
    }
}
