package dev.millrace.server.proxy;

import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Provider;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
    /** Shorter texts are too likely to be part of something harmless to be hidden in logs. */
    private static final int SHORTEST_SECRET = 4;

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

    /** The texts that must not show in logs or reach another host. */
    Set<String> secrets() {
        var secrets = new TreeSet<String>();
        gather(credentials, secrets);
        clientId.ifPresent(secrets::add);
        clientSecret.ifPresent(secrets::add);
        secrets.removeIf(secret -> secret.length() < SHORTEST_SECRET);
        return secrets;
    }

    /** Of the provider's raw answer nothing: its secrets stand beside it, its other words are harmless. */
    private static void gather(JsonNode node, Set<String> secrets) {
        for (var field : node.properties()) {
            var value = field.getValue();
            if (value.isObject() && !field.getKey().equals("raw")) {
                gather(value, secrets);
            } else if (value.isString() && !field.getKey().equals("type")) {
                secrets.add(value.stringValue());
            }
        }
    }

    @Override
    public String toString() {
        return "Target[" + provider.name() + ']';
    }
}
