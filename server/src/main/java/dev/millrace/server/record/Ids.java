package dev.millrace.server.record;

import dev.millrace.server.http.Storable;
import java.util.List;

/** Converts record ids to the form that the database can store. */
final class Ids {
    private Ids() {}

    /** The stored form of requested ids; ids that no record can have are left out. */
    static String[] stored(List<String> asked) {
        return asked.stream()
                .map(id -> id.replace("\0", ""))
                .filter(id -> Storable.fault(id).isEmpty())
                .toArray(String[]::new);
    }
}
