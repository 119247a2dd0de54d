package dev.millrace.server.record;

import java.util.Optional;

/**
 * Who writes.
 *
 * @param generation the run's id; delete tracking asks which runs, from one on, were given a record
 * @param keepsSeen whether to note what this run is given even while no tracking window is open: needed by runs that end
 *     with {@link Records#deletePrevious}
 * @param guard present under {@code ignore_if_modified_after}
 * @param insensitive what does not count as a change
 */
public record Writer(long generation, boolean keepsSeen, Optional<Guard> guard, ChangePaths insensitive) {
    /** A run that overwrites and tracks deletes by windows only. */
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
