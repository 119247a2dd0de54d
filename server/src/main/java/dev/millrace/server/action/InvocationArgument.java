package dev.millrace.server.action;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.http.Json;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The second argument of a bundle function: what has started it, with its input and its connection. */
public final class InvocationArgument {
    /** Headers that authenticate their sender, besides those whose names say so. */
    private static final Set<String> CREDENTIALS = Set.of("x-api-key", "api-key", "apikey", "x-forwarded-client-cert");

    private static final List<String> TELLING =
            List.of("authorization", "cookie", "token", "secret", "password", "credential", "api-key", "apikey");

    /** The connection on which a function runs, by its public names. */
    public record Target(String integration, String connectionId) {
        public static Target of(Connection connection) {
            return new Target(connection.integration(), connection.connectionId());
        }
    }

    private InvocationArgument() {}

    static ObjectNode invoke(Target target, JsonNode input) {
        return argument("invoke", target, input);
    }

    static ObjectNode http(Target target, JsonNode input, ObjectNode request) {
        var argument = argument("http", target, input);
        argument.set("request", request);
        return argument;
    }

    /** The argument for an event of the provider; its input is set when the function starts. */
    public static ObjectNode webhook(Target target, ObjectNode request, String subscription) {
        var argument = http(target, Json.object().nullNode(), request);
        argument.putArray("subscriptions").add(subscription);
        return argument;
    }

    static ObjectNode schedule(Target target, JsonNode input) {
        return argument("schedule", target, input);
    }

    public static ObjectNode event(Target target, String event) {
        return argument("event", target, Json.object().put("event", event));
    }

    private static ObjectNode argument(String kind, Target target, JsonNode input) {
        var argument = Json.object().put("kind", kind);
        argument.set("input", input);
        argument.putObject("connection")
                .put("connectionId", target.connectionId())
                .put("integrationId", target.integration());
        return argument;
    }

    /**
     * A call as its function sees it, without the headers that authenticate the caller.
     *
     * @param headers by lower-case name
     */
    public static ObjectNode request(
            String path, Map<String, ? extends Collection<String>> headers, Map<String, String> query, JsonNode body) {
        var request = Json.object().put("method", "POST").put("path", path);
        var shown = request.putObject("headers");
        new TreeMap<>(headers).forEach((name, values) -> {
            if (!isCredential(name)) {
                shown.put(name, String.join(",", values));
            }
        });
        var parameters = request.putObject("query");
        new TreeMap<>(query).forEach(parameters::put);
        request.set("body", body);
        return request;
    }

    private static boolean isCredential(String header) {
        var name = header.toLowerCase(Locale.ROOT);
        return CREDENTIALS.contains(name) || TELLING.stream().anyMatch(name::contains);
    }
}
