package dev.millrace.client;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One page of changed records, oldest change first.
 *
 * <pre>{@code
 * for (var record : page.records()) {
 *     switch (RecordPage.action(record)) {
 *         case "DELETED" -> forget(record.path("id").asString());
 *         default -> store(record);
 *     }
 * }
 * }</pre>
 *
 * Immutable and thread-safe, as long as nobody changes the nodes.
 *
 * @param nextCursor present when more follow at this moment
 */
public record RecordPage(List<JsonNode> records, Optional<String> nextCursor) {
    public RecordPage {
        records = List.copyOf(records);
    }

    /** What happened to a record last: {@code ADDED}, {@code UPDATED} or {@code DELETED}. */
    public static String action(JsonNode record) {
        return record.path("_nango_metadata").path("last_action").asString();
    }

    /** The position right after a record: keep the last one, ask for what comes after it. */
    public static String cursor(JsonNode record) {
        return record.path("_nango_metadata").path("cursor").asString();
    }
}
