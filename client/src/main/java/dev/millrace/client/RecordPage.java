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
 * Immutable and thread-safe, unless the nodes are changed.
 *
 * @param nextCursor present when there are more
 */
public record RecordPage(List<JsonNode> records, Optional<String> nextCursor) {
    public RecordPage {
        records = List.copyOf(records);
    }

    /** The last change of a record: {@code ADDED}, {@code UPDATED} or {@code DELETED}. */
    public static String action(JsonNode record) {
        return record.path("_nango_metadata").path("last_action").asString();
    }

    /** The cursor of a record. Store that of the last record, and read on from it. */
    public static String cursor(JsonNode record) {
        return record.path("_nango_metadata").path("cursor").asString();
    }
}
