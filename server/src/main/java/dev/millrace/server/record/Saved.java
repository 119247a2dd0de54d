package dev.millrace.server.record;

import java.util.List;

/**
 * What one slice did.
 *
 * @param duplicateIds ids that came again within the slice; only their first record counted
 */
public record Saved(int added, int updated, int deleted, int unchanged, List<String> duplicateIds) {
    public Saved {
        duplicateIds = List.copyOf(duplicateIds);
    }
}
