package dev.millrace.server.webhook.scheme;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The order of HubSpot's events, which arrive unordered. */
final class HubspotEvents {
    /** Creations come first, even if a change of the same object is dated earlier. */
    private static final Comparator<JsonNode> ORDER = Comparator.<JsonNode>comparingInt(
                    event -> event.path("subscriptionType").asString("").endsWith(".creation") ? 0 : 1)
            .thenComparingLong(event -> event.path("occurredAt").asLong(0));

    private HubspotEvents() {}

    /** Without imports, which change too much at once; grouped by object. */
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
