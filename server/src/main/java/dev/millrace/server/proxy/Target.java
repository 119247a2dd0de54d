package dev.millrace.server.proxy;

import dev.millrace.server.log.Secrets;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Provider;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    private static final int SHORTEST_CONFIDENTIAL = 8;
    private static final List<String> IDENTIFIERS =
            List.of("username", "client_id", "app_id", "installation_id", "token_id", "role_arn");

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

    /** What must not show in logs, nor reach another host in a header or body. */
    Secrets secrets() {
        var secrets = new Secrets();
        secrets.add(texts());
        secrets.add(Stream.concat(clientId.stream(), clientSecret.stream()).toList());
        return secrets;
    }

    /**
     * What must not stand in the address of another host: of the above no mere identifiers, and nothing that may stand there
     * by chance.
     */
    Secrets confidential() {
        var texts = new HashSet<>(texts());
        clientSecret.ifPresent(texts::add);
        for (var name : IDENTIFIERS) {
            // Many providers take a key as user name, without a password.
            if (!name.equals("username")
                    || !credentials.path("password").asString("").isEmpty()) {
                texts.remove(credentials.path(name).asString(""));
            }
        }
        texts.removeIf(text -> text.strip().length() < SHORTEST_CONFIDENTIAL);
        var secrets = new Secrets();
        secrets.add(texts);
        return secrets;
    }

    /** Of the provider's raw answer nothing: its secrets stand beside it, its other words are harmless. */
    private Set<String> texts() {
        if (credentials instanceof ObjectNode object && object.has("raw")) {
            var bare = object.deepCopy();
            bare.remove("raw");
            return Secrets.in(bare);
        }
        return Secrets.in(credentials);
    }

    @Override
    public String toString() {
        return "Target[" + provider.name() + ']';
    }
}
