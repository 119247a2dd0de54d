package dev.millrace.server.proxy;

import dev.millrace.server.credential.Credentials;
import dev.millrace.server.log.Secrets;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Provider;
import java.util.HashSet;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The connection, integration, provider and credentials of a call.
 *
 * @param custom the integration's own values ({@code integration_config})
 */
public record Target(
        Provider provider,
        Credentials credentials,
        ObjectNode connectionConfig,
        ObjectNode metadata,
        ObjectNode custom,
        Optional<String> clientId,
        Optional<String> clientSecret) {
    private static final int SHORTEST_CONFIDENTIAL = 8;

    /** All names for templates of the definition. */
    public Names names() {
        var json = credentials.json();
        return safeNames()
                .or(Names.under("credentials.", json))
                .or(path -> Names.read(json, path))
                .or(this::wellKnown)
                .or(path -> Names.read(connectionConfig, path));
    }

    /** The names for callers: no secrets. */
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
        return credentials.token();
    }

    /** The secrets, which must appear neither in logs nor in a header or body for another host. */
    Secrets secrets() {
        var secrets = new Secrets();
        // Added all at once, because each addition computes their encodings again.
        secrets.add(Stream.of(credentials.secrets().stream(), clientId.stream(), clientSecret.stream())
                .flatMap(texts -> texts)
                .toList());
        return secrets;
    }

    /**
     * The secrets that must not appear in a URL of another host: without mere identifiers and without short values that
     * may occur by chance.
     */
    Secrets confidential() {
        var texts = new HashSet<>(credentials.secrets());
        clientSecret.ifPresent(texts::add);
        texts.removeAll(credentials.identifiers());
        texts.removeIf(text -> text.strip().length() < SHORTEST_CONFIDENTIAL);
        var secrets = new Secrets();
        secrets.add(texts);
        return secrets;
    }

    @Override
    public String toString() {
        return "Target[" + provider.name() + ']';
    }
}
