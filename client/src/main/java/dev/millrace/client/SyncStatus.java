package dev.millrace.client;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The status of a sync of one connection.
 *
 * <pre>{@code
 * var running = client.syncStatus(acme, List.of("contacts")).getFirst().isRunning();
 * }</pre>
 *
 * Immutable and thread-safe, unless the nodes are changed.
 *
 * @param status RUNNING, PAUSED, STOPPED, SUCCESS or ERROR
 * @param finishedAt end of the last run; absent before the first and during a run
 * @param latestResult by model: added, updated, deleted
 * @param recordCount by model
 */
public record SyncStatus(
        String name,
        String variant,
        String status,
        Optional<String> finishedAt,
        JsonNode latestResult,
        JsonNode recordCount) {
    static SyncStatus of(JsonNode node) {
        return new SyncStatus(
                node.path("name").asString(),
                node.path("variant").asString("base"),
                node.path("status").asString(),
                node.path("finishedAt").asStringOpt(),
                node.path("latestResult"),
                node.path("recordCount"));
    }

    public boolean isRunning() {
        return status.equals("RUNNING");
    }
}
