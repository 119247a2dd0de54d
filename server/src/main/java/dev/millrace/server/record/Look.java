package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a dataset holds of a slice at one moment, without its lock. As long as {@code lastMod} stays what it is, so does
 * all of this.
 *
 * @param stored for each text what is stored under its id; null where nothing is, or where nothing needs to be done
 * @param done where nothing needs to be done: the very text is stored and alive, and nobody asks who saw it
 */
record Look(long ds, long lastMod, @Nullable Stored[] stored, boolean[] done) {
    // LIMIT keeps the lookup a lookup; see Stored.
    private static final String LOOK = """
            SELECT d.ds, d.last_mod, s.n, s.ord, s.mod, s.first, s.deleted IS NOT NULL, s.pruned IS NOT NULL, s.hash, s.size,
                   s.same
              FROM dataset d
              LEFT JOIN LATERAL (
                     SELECT i.n, r.*, r.raw = i.raw AS same
                       FROM unnest(?::text[], ?::bytea[]) WITH ORDINALITY AS i (ext, raw, n)
                       LEFT JOIN LATERAL (
                              SELECT ord, mod, first, deleted, pruned, hash, size, raw
                                FROM record WHERE ds = d.ds AND ext = i.ext LIMIT 1) r ON true
                      WHERE ? OR d.windows > 0
                         OR r.raw IS DISTINCT FROM i.raw OR r.deleted IS NOT NULL OR r.pruned IS NOT NULL) s ON true
             WHERE d.connection_id = ? AND d.model = ?
            """;

    /** Empty when there is no such dataset. */
    static Optional<Look> at(Connection connection, Dataset dataset, Writer writer, Slice slice) throws SQLException {
        var stored = new @Nullable Stored[slice.count()];
        var done = new boolean[slice.count()];
        Arrays.fill(done, true);
        long ds = 0;
        long lastMod = 0;
        try (var statement = connection.prepareStatement(LOOK)) {
            statement.setArray(1, connection.createArrayOf("text", slice.ids()));
            statement.setArray(2, connection.createArrayOf("bytea", slice.raws()));
            statement.setBoolean(3, writer.keepsSeen() || writer.guard().isPresent());
            statement.setLong(4, dataset.connection());
            statement.setString(5, dataset.model());
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    ds = rows.getLong(1);
                    lastMod = rows.getLong(2);
                    int n = rows.getInt(3);
                    if (n > 0) {
                        done[n - 1] = false;
                        stored[n - 1] = Stored.of(rows, 4);
                    }
                }
            }
        }
        return ds == 0 ? Optional.empty() : Optional.of(new Look(ds, lastMod, stored, done));
    }

    boolean allDone() {
        for (boolean one : done) {
            if (!one) {
                return false;
            }
        }
        return true;
    }
}
