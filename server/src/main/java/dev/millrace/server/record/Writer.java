package dev.millrace.server.record;

import java.util.Optional;

/**
 * The writer of records.
 *
 * @param generation the run's id; delete tracking uses it to find the records that runs have saved since a window
 * opened
 * @param keepsSeen whether to note the saved records even without an open window, for runs that end with {@link
 * Records#deletePrevious}
 * @param guard present under {@code ignore_if_modified_after}
 * @param insensitive paths whose values do not count as a change
 */
public record Writer(long generation, boolean keepsSeen, Optional<Guard> guard, ChangePaths insensitive) {
    /** A run that overwrites, and that tracks deletes only by windows. */
    public static Writer of(long generation) {
        return new Writer(generation, false, Optional.empty(), ChangePaths.NONE);
    }

    public Writer keepingSeen() {
        return new Writer(generation, true, guard, insensitive);
    }

    public Writer guardedBy(Guard by) {
        return new Writer(generation, keepsSeen, Optional.of(by), insensitive);
    }

    public Writer ignoring(ChangePaths paths) {
        return new Writer(generation, keepsSeen, guard, paths);
    }

    boolean permits(long modified) {
        return guard.isEmpty() || guard.get().permits(modified);
    }
}
