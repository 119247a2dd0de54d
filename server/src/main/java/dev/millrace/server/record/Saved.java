package dev.millrace.server.record;

import java.util.List;

/**
 * The result of a batch.
 *
 * @param duplicateIds ids that occurred again in the batch; only the first record of each was saved
 */
public record Saved(int added, int updated, int deleted, int unchanged, List<String> duplicateIds) {
    public Saved {
        duplicateIds = List.copyOf(duplicateIds);
    }
}
