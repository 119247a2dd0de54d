package dev.millrace.server.webhook;

import dev.millrace.server.action.InvocationArgument;
import dev.millrace.server.action.InvocationArgument.Target;
import dev.millrace.server.action.Invocations.Received;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The calls of bundle functions that are subscribed to an event. Thread-safe. */
final class EventCalls {
    private final Functions functions;
    private final Environments environments;

    EventCalls(Functions functions, Environments environments) {
        this.functions = functions;
        this.environments = environments;
    }

    /** An integration by its names. */
    record Place(long environment, long integration, String uniqueKey) {}

    /**
     * One call for each function and connection.
     *
     * @param headers headers of the provider's call
     */
    List<Received> of(
            Place place,
            List<Subscriptions.Subscribed> subscribed,
            List<Found> connections,
            Map<String, String> headers,
            Map<String, String> query,
            JsonNode body) {
        if (subscribed.isEmpty() || connections.isEmpty()) {
            return List.of();
        }
        var path = "/webhook/" + environments.get(place.environment()).uuid() + "/" + place.uniqueKey();
        var listed = new HashMap<String, List<String>>();
        headers.forEach((name, value) -> listed.put(name, List.of(value)));
        var request = InvocationArgument.request(path, listed, query, body);
        var calls = new ArrayList<Received>();
        for (var found : subscribed) {
            functions.find(place.integration(), Kind.FUNCTION, found.function()).ifPresent(function -> {
                for (var connection : connections) {
                    var target = new Target(place.uniqueKey(), connection.connectionId());
                    calls.add(new Received(
                            function,
                            connection.id(),
                            InvocationArgument.webhook(target, request, found.subscription())));
                }
            });
        }
        return calls;
    }
}
