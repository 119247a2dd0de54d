package dev.millrace.server.record;

import java.util.List;
import java.util.OptionalLong;

/**
 * What has grown old among some datasets.
 *
 * @param prunable with contents of old records
 * @param unwritten to which nothing has been written for long
 * @param next where to look on; empty after the last dataset
 */
public record Aging(List<Dataset> prunable, List<Dataset> unwritten, OptionalLong next) {
    public Aging {
        prunable = List.copyOf(prunable);
        unwritten = List.copyOf(unwritten);
    }
}
