package dev.millrace.server.webhook;

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
 * A verified webhook that is to be stored.
 *
 * @param headers JSON text, sealed
 * @param forward what the application gets
 * @param bytes size of the body of the call
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
     * One of its events.
     *
     * @param providerId the provider's id of the event
     * @param connections whom it concerns
     * @param body JSON text, sealed
     */
    record Event(
            UUID id,
            Optional<String> type,
            Optional<String> headerType,
            Optional<String> providerId,
            List<Found> connections,
            byte[] body,
            List<Planned> runs) {
        Event {
            connections = List.copyOf(connections);
            runs = List.copyOf(runs);
        }
    }

    /**
     * A run of a webhook function.
     *
     * @param sync empty when the connection has no sync of that name
     */
    record Planned(long connection, String function, Optional<UUID> sync) {
        /** Which task of the environment works on it: always the same for a sync. */
        int lane() {
            return sync.map(id -> Math.floorMod(id.hashCode(), Lane.COUNT)).orElse(0);
        }
    }

    /** @param headers of the provider's call */
    record Forward(JsonNode payload, Map<String, String> headers) {
        Forward {
            headers = Map.copyOf(headers);
        }
    }

    /** Whom its events concern, each once. */
    List<Found> connections() {
        var all = new LinkedHashSet<Found>();
        events.forEach(event -> all.addAll(event.connections()));
        return List.copyOf(all);
    }

    /** Approximately the memory that it takes until it is stored. */
    long size() {
        long size = bytes;
        for (var event : events) {
            size += event.body().length
                    + headers.length
                    + PER_ROW * (1L + event.connections().size() + event.runs().size());
        }
        return size;
    }
}
