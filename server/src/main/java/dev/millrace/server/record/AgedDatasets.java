package dev.millrace.server.record;

import java.util.List;
import java.util.OptionalLong;

/**
 * The datasets with old contents, among some datasets.
 *
 * @param prunable those with contents of old records
 * @param unwritten those to which nothing has been written for long
 * @param next where to continue; empty after the last dataset
 */
public record AgedDatasets(List<Dataset> prunable, List<Dataset> unwritten, OptionalLong next) {
    public AgedDatasets {
        prunable = List.copyOf(prunable);
        unwritten = List.copyOf(unwritten);
    }
}
