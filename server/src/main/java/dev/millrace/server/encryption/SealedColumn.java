package dev.millrace.server.encryption;

import java.util.List;

/**
 * A column with sealed values, declared so that they can be re-encrypted with another key. Null and empty values count
 * as no value.
 *
 * @param column of type {@code bytea}, part of no index
 * @param key the columns of the primary key, in order
 */
public record SealedColumn(String table, String column, List<Part> key) {
    public SealedColumn {
        key = List.copyOf(key);
    }

    /**
     * A column of the primary key.
     *
     * @param type its PostgreSQL type
     */
    public record Part(String name, String type) {}

    /** A name that is unique among all sealed columns. */
    public String name() {
        return table + "." + column;
    }
}
