package dev.millrace.server.webhook;

import dev.millrace.server.action.Invocations;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.integration.Integration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * A verified webhook that is about to be stored.
 *
 * @param headers headers of the call as JSON text, encrypted
 * @param forward the webhook to forward to the application; empty if it is not forwarded
 * @param bytes size of the request body in bytes
 */
record Arrival(
        Integration integration,
        Instant receivedAt,
        byte[] headers,
        List<Event> events,
        Optional<Forward> forward,
        long bytes) {
    private static final long PER_ROW = 200;

    Arrival {
        events = List.copyOf(events);
    }

    /**
     * One event of the webhook.
     *
     * @param providerId the provider's id of the event
     * @param connections the matched connections
     * @param body JSON text, encrypted
     * @param calls of bundle functions
     */
    record Event(
            UUID id,
            Optional<String> type,
            Optional<String> headerType,
            Optional<String> providerId,
            List<Found> connections,
            byte[] body,
            List<Planned> runs,
            List<Invocations.Received> calls) {
        Event {
            connections = List.copyOf(connections);
            runs = List.copyOf(runs);
            calls = List.copyOf(calls);
        }
    }

    /**
     * A planned run of a webhook function.
     *
     * @param sync id of the sync; empty if the connection has no sync with this name
     */
    record Planned(long connection, String function, Optional<UUID> sync) {
        /** The number of the task that processes this run. All runs of a sync have the same task. */
        int lane() {
            return sync.map(id -> Math.floorMod(id.hashCode(), Lane.COUNT)).orElse(0);
        }
    }

    /** @param headers headers of the provider's call */
    record Forward(List<Share> shares, Map<String, String> headers) {
        Forward {
            shares = List.copyOf(shares);
            headers = Map.copyOf(headers);
        }
    }

    /**
     * A webhook to the application.
     *
     * @param connection the matched connection; empty if there is none
     */
    record Share(Optional<Found> connection, JsonNode payload) {}

    /** The matched connections of all events, without duplicates. */
    List<Found> connections() {
        var all = new LinkedHashSet<Found>();
        events.forEach(event -> all.addAll(event.connections()));
        return List.copyOf(all);
    }

    /** Approximate size in bytes of the calls of bundle functions, each of which contains the event. */
    long copied() {
        return events.stream()
                .mapToLong(event -> event.calls().size() * (long) (event.body().length + headers.length))
                .sum();
    }

    /** Approximate memory in bytes that this webhook uses until it is stored. */
    long size() {
        long size = bytes;
        for (var event : events) {
            size += event.body().length
                    + headers.length
                    + PER_ROW * (1L + event.connections().size() + event.runs().size());
        }
        return size + copied();
    }
}
