package dev.millrace.cli.demo;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import dev.millrace.client.RecordPage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The team's own app, which keeps its copy of the contacts up to date by reading changes only. */
final class App {
    private static final String MODEL = "Contact";
    private static final int PAGE = 1000;

    private final Map<String, JsonNode> contacts = new TreeMap<>();
    private Optional<String> cursor = Optional.empty();

    /** Applies all changes since the last call and returns them. */
    List<JsonNode> catchUp(MillraceClient client, ConnectionRef connection) {
        var changes = new ArrayList<JsonNode>();
        RecordPage page;
        do {
            page = client.records(connection, MODEL, cursor, PAGE);
            for (var record : page.records()) {
                apply(record);
                changes.add(record);
            }
        } while (page.nextCursor().isPresent());
        return changes;
    }

    private void apply(JsonNode record) {
        var id = record.path("id").asString();
        if (RecordPage.action(record).equals("DELETED")) {
            contacts.remove(id);
        } else {
            contacts.put(id, record);
        }
        cursor = Optional.of(RecordPage.cursor(record));
    }

    int size() {
        return contacts.size();
    }

    JsonNode contact(String id) {
        return contacts.getOrDefault(id, tools.jackson.databind.node.MissingNode.getInstance());
    }

    /** By region: number of contacts, of archived ones, of those with plans and with seats. */
    List<List<String>> summary() {
        var byRegion = contacts.values().stream()
                .collect(Collectors.groupingBy(
                        contact -> contact.path("region").asString(), TreeMap::new, Collectors.toList()));
        var rows = new ArrayList<List<String>>();
        byRegion.forEach((region, members) -> rows.add(row(region, members)));
        rows.add(row("all", List.copyOf(contacts.values())));
        return rows;
    }

    static List<String> summaryHeader() {
        return List.of("region", "contacts", "archived", "free", "silver", "gold", "seats");
    }

    private static List<String> row(String title, List<JsonNode> members) {
        long archived = members.stream()
                .filter(contact -> contact.path("archived").asBoolean())
                .count();
        long seats = members.stream()
                .mapToLong(contact -> contact.path("seats").asLong(0))
                .sum();
        return List.of(
                title,
                Integer.toString(members.size()),
                Long.toString(archived),
                plan(members, "free"),
                plan(members, "silver"),
                plan(members, "gold"),
                Long.toString(seats));
    }

    private static String plan(List<JsonNode> members, String plan) {
        return Long.toString(members.stream()
                .filter(contact -> contact.path("plan").asString("").equals(plan))
                .count());
    }

    /** The number of changes of each kind. */
    static Map<String, Long> kinds(List<JsonNode> changes) {
        return changes.stream().collect(Collectors.groupingBy(RecordPage::action, TreeMap::new, Collectors.counting()));
    }
}
