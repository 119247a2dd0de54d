package dev.millrace.server.record;

import dev.millrace.server.http.Storable;
import java.util.List;

/** The ids of records, as the database can hold them. */
final class Ids {
    private Ids() {}

    /** The ids under which records asked for are stored; those that no record can have are left out. */
    static String[] stored(List<String> asked) {
        return asked.stream()
                .map(id -> id.replace("\0", ""))
                .filter(id -> Storable.fault(id).isEmpty())
                .toArray(String[]::new);
    }
}
