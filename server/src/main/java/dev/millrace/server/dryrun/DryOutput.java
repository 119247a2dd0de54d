package dev.millrace.server.dryrun;

import dev.millrace.server.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The log output of a dry run and the records that it would have written; both are limited. Thread-safe. */
final class DryOutput {
    private static final int LONGEST = 500_000;
    private static final int MOST_BYTES = 2 << 20;

    private final StringBuilder lines = new StringBuilder();
    private final Map<String, Map<String, Map<String, JsonNode>>> records = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private int bytes;
    private boolean full;

    synchronized void line(String level, String text) {
        if (full) {
            return;
        }
        lines.append('[').append(level).append("] ").append(text).append('\n');
        if (lines.length() > LONGEST) {
            lines.setLength(LONGEST);
            lines.append("\n… further lines are left out\n");
            full = true;
        }
    }

    /** Of several records with the same id, the last one is kept. */
    synchronized void collect(String verb, String model, JsonNode record) {
        counts.merge(verb + " " + model, 1, Integer::sum);
        bytes += Json.bytes(record).length;
        if (bytes <= MOST_BYTES) {
            records.computeIfAbsent(verb, _ -> new LinkedHashMap<>())
                    .computeIfAbsent(model, _ -> new LinkedHashMap<>())
                    .put(record.path("id").asString(""), record);
        }
    }

    /** All log output, followed by the number of records for each call and model. */
    synchronized String text() {
        var text = new StringBuilder(lines);
        counts.forEach(
                (call, count) -> text.append(call).append(": ").append(count).append(" records\n"));
        if (bytes > MOST_BYTES) {
            text.append("Records beyond ").append(MOST_BYTES).append(" bytes are left out of the result\n");
        }
        return text.toString();
    }

    /** {@code {batchSave: {Model: [..]}, batchUpdate: .., batchDelete: ..}}, without empty parts. */
    synchronized ObjectNode records() {
        var node = Json.object();
        records.forEach((verb, models) -> {
            var byModel = node.putObject(verb);
            models.forEach((model, byId) -> byModel.putArray(model).addAll(byId.values()));
        });
        return node;
    }
}
