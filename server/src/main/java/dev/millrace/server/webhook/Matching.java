package dev.millrace.server.webhook;

import dev.millrace.server.connection.ConnectionMatches;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.http.Storable;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.webhook.scheme.Match;
import java.util.List;

/** Finds the connections that match an event. Thread-safe. */
final class Matching {
    private final ConnectionMatches connections;

    Matching(ConnectionMatches connections) {
        this.connections = connections;
    }

    List<Found> find(Integration integration, Match match) throws InterruptedException {
        return switch (match) {
            case Match.All() -> connections.all(integration);
            case Match.ConnectionId(var id) -> isStorable(id) ? connections.withId(integration, id) : List.of();
            case Match.Metadata(var key, var value) ->
                isStorable(value) ? connections.withMetadata(integration, key, value) : List.of();
            case Match.Config(var key, var value) ->
                isStorable(value) ? connections.withConfig(integration, key, value) : List.of();
            case Match.First(var rules) -> first(integration, rules);
        };
    }

    /** Whether the database can store the text. If it cannot, no connection has this value. */
    private static boolean isStorable(String value) {
        return Storable.fault(value).isEmpty();
    }

    private List<Found> first(Integration integration, List<Match> rules) throws InterruptedException {
        for (var rule : rules) {
            var found = find(integration, rule);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }
}
