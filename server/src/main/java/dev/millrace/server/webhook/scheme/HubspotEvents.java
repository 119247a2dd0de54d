package dev.millrace.server.webhook.scheme;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Sorts the events of HubSpot, which arrive unordered. */
final class HubspotEvents {
    /** Creations come first, even if a change of the same object has an earlier date. */
    private static final Comparator<JsonNode> ORDER = Comparator.<JsonNode>comparingInt(
                    event -> event.path("subscriptionType").asString("").endsWith(".creation") ? 0 : 1)
            .thenComparingLong(event -> event.path("occurredAt").asLong(0));

    private HubspotEvents() {}

    /**
     * Groups the events by object and sorts each group. Removes imports, because they change too many objects at once.
     */
    static List<JsonNode> arranged(List<JsonNode> events) {
        var groups = new LinkedHashMap<String, List<JsonNode>>();
        for (var event : events) {
            if (!event.path("changeSource").asString("").equals("IMPORT")) {
                var object = Fields.text(event, "objectId").orElse("");
                groups.computeIfAbsent(object, _ -> new ArrayList<>()).add(event);
            }
        }
        return groups.values().stream()
                .flatMap(group -> group.stream().sorted(ORDER))
                .toList();
    }
}
