package dev.millrace.server.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The entries of the lookup index that a change of metadata removes and adds. */
record IndexChange(Entries removed, Entries added) {
    static final IndexChange NONE = between(Set.of(), Set.of());

    /** Paths with the digests of their values, in hexadecimal. */
    record Entries(List<String> paths, List<String> digests) {
        static Entries of(Set<IndexEntry> entries, Set<IndexEntry> without) {
            var paths = new ArrayList<String>();
            var digests = new ArrayList<String>();
            for (var entry : entries) {
                if (!without.contains(entry)) {
                    paths.add(entry.path());
                    digests.add(entry.digest());
                }
            }
            return new Entries(paths, digests);
        }
    }

    static IndexChange between(Set<IndexEntry> before, Set<IndexEntry> after) {
        return new IndexChange(Entries.of(before, after), Entries.of(after, before));
    }

    boolean isEmpty() {
        return removed.paths().isEmpty() && added.paths().isEmpty();
    }
}
