package dev.millrace.server.record;

import java.util.List;

/**
 * What one batch did.
 *
 * @param duplicateIds ids that came again within the batch; only their first record counted
 */
public record Saved(int added, int updated, int deleted, int unchanged, List<String> duplicateIds) {
    public Saved {
        duplicateIds = List.copyOf(duplicateIds);
    }
}
