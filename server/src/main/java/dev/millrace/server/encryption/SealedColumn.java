package dev.millrace.server.encryption;

import java.util.List;

/**
 * Where a package keeps sealed values, so that they can be sealed anew by another key. Null and empty values are none.
 *
 * @param column of type {@code bytea}, part of no index
 * @param key the table's primary key, in its order
 */
public record SealedColumn(String table, String column, List<Part> key) {
    public SealedColumn {
        key = List.copyOf(key);
    }

    /**
     * A column of the primary key.
     *
     * @param type as PostgreSQL calls it
     */
    public record Part(String name, String type) {}

    /** Its name among all of them. */
    public String name() {
        return table + "." + column;
    }
}
