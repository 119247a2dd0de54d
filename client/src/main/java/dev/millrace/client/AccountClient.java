package dev.millrace.client;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The environments of a Millrace server and their API keys, managed with the account key.
 *
 * <pre>{@code
 * try (var account = AccountClient.of(URI.create("http://127.0.0.1:3003"), accountKey)) {
 *     var staging = account.createEnvironment("staging", false);
 *     var key = account.createApiKey(UUID.fromString(staging.get("uuid").stringValue()), "ci", List.of());
 * }
 * }</pre>
 *
 * An error response is thrown as {@link MillraceException}. Immutable and thread-safe; close it to release its
 * connections.
 */
public final class AccountClient implements AutoCloseable {
    private final Transport transport;

    private AccountClient(Transport transport) {
        this.transport = transport;
    }

    public static AccountClient of(URI server, String accountKey) {
        return new AccountClient(new Transport(server, accountKey));
    }

    /** All environments, oldest first: {@code id}, {@code uuid}, {@code name}, {@code is_production}. */
    public List<JsonNode> environments() {
        return call("GET", "/environments", null).path("data").valueStream().toList();
    }

    /** The environment with a name; empty when there is none. */
    public Optional<JsonNode> environment(String name) {
        return environments().stream()
                .filter(environment -> environment.path("name").asString("").equals(name))
                .findFirst();
    }

    /** Creates an environment without API keys. */
    public JsonNode createEnvironment(String name, boolean production) {
        return call("POST", "/environments", Map.of("name", name, "is_production", production))
                .path("data");
    }

    /** Deletes an environment and its contents. Production environments cannot be deleted. */
    public void deleteEnvironment(UUID environment) {
        call("DELETE", "/environments/" + environment, null);
    }

    /** The API keys of an environment, without their secrets. */
    public List<JsonNode> apiKeys(UUID environment) {
        return call("GET", keys(environment), null).path("data").valueStream().toList();
    }

    /**
     * Creates an API key; the response contains its {@code secret}.
     *
     * @param scopes what it may do; empty: everything in its environment
     */
    public JsonNode createApiKey(UUID environment, String displayName, List<String> scopes) {
        var body = new LinkedHashMap<String, Object>();
        body.put("display_name", displayName);
        if (!scopes.isEmpty()) {
            body.put("scopes", scopes);
        }
        return call("POST", keys(environment), body).path("data");
    }

    /** One key with its {@code secret}. */
    public JsonNode apiKey(UUID environment, UUID key) {
        return call("GET", keys(environment) + "/" + key, null).path("data");
    }

    /** Deletes a key. After one second no server accepts it. */
    public void deleteApiKey(UUID environment, UUID key) {
        call("DELETE", keys(environment) + "/" + key, null);
    }

    private static String keys(UUID environment) {
        return "/environments/" + environment + "/api-keys";
    }

    private JsonNode call(String method, String path, @Nullable Object body) {
        return transport.send(
                new ApiCall(method, path, Map.of(), Optional.ofNullable(body).map(Transport.JSON::writeValueAsString)));
    }

    @Override
    public void close() {
        transport.close();
    }
}
