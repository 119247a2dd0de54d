package dev.millrace.server.proxy;

import dev.millrace.server.credential.Credentials;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Samples for tests. */
final class Samples {
    private Samples() {}

    static Provider provider(String yaml) {
        try {
            var file = Files.createTempFile("providers", ".yaml");
            try {
                return Providers.load(List.of(Files.writeString(file, yaml)))
                        .find("test")
                        .orElseThrow();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Provider builtIn(String name) {
        return Providers.load(List.of()).find(name).orElseThrow();
    }

    static Target of(Provider provider, String credentials) {
        return of(provider, credentials, "{}");
    }

    static Target of(Provider provider, String credentials, String connectionConfig) {
        return new Target(
                provider,
                Credentials.parse(credentials),
                json(connectionConfig),
                Json.object(),
                Json.object(),
                Optional.empty(),
                Optional.empty());
    }

    static Target withCustom(Provider provider, String credentials, String custom) {
        return new Target(
                provider,
                Credentials.parse(credentials),
                Json.object(),
                Json.object(),
                json(custom),
                Optional.empty(),
                Optional.empty());
    }

    static ObjectNode json(String text) {
        return Json.parseObject(text);
    }
}
