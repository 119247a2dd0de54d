package dev.millrace.server.encryption;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * The statements on one encrypted column. They are the only statements that the program builds: from names that
 * packages declare, never from external input.
 */
final class ColumnSql {
    private final SealedColumn column;
    private final String sample;
    private final String holds;
    private final String count;
    private final String rows;
    private final String heads;
    private final String headsAfter;
    private final String take;
    private final String put;

    ColumnSql(SealedColumn column) {
        this.column = column;
        var parts = column.key();
        var names = join(parts, ", ", "%1$s");
        var texts = join(parts, ", ", "%1$s::text");
        var given = join(parts, ", ", ":%1$s::%2$s");
        var equal = join(parts, " AND ", "%1$s = :%1$s::%2$s");
        // Reads the first byte only, so that of a large value only a part is fetched.
        var keyId =
                "CASE WHEN octet_length(%1$s) > 0 THEN get_byte(substr(%1$s, 1, 1), 0) END".formatted(column.column());
        var from = " FROM " + column.table();
        sample = "SELECT " + column.column() + from + " WHERE octet_length(" + column.column() + ") > 0 LIMIT 1";
        holds = "SELECT EXISTS (SELECT" + from + " WHERE " + keyId + " = :id)";
        count = "SELECT " + keyId + " AS id, count(*) AS count" + from + " WHERE octet_length(" + column.column()
                + ") > 0 GROUP BY 1";
        rows = "SELECT count(*)" + from;
        var order = " ORDER BY " + names + " LIMIT :limit";
        var head = "SELECT " + texts + ", " + keyId + ", octet_length(" + column.column() + ")" + from;
        heads = head + order;
        headsAfter = head + " WHERE (" + names + ") > (" + given + ")" + order;
        // LIMIT forces a lookup by key, whatever the planner assumes about the table. Locked rows are skipped: waiting
        // for them while holding locks could cause a deadlock.
        take = """
                SELECT i.place, r.value
                  FROM unnest(%s) WITH ORDINALITY AS i (%s, place)
                 CROSS JOIN LATERAL (
                       SELECT %s AS value FROM %s WHERE %s AND %s <> :sealedBy LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) r
                """.formatted(
                        join(parts, ", ", ":%1$s::text[]"),
                        join(parts, ", ", "key_%1$s"),
                        column.column(),
                        column.table(),
                        join(parts, " AND ", "%1$s = i.key_%1$s::%2$s"),
                        keyId);
        put = "UPDATE " + column.table() + " SET " + column.column() + " = :value WHERE " + equal;
    }

    private static String join(List<SealedColumn.Part> parts, String separator, String form) {
        return parts.stream()
                .map(part -> form.formatted(part.name(), part.type()))
                .collect(Collectors.joining(separator));
    }

    String name() {
        return column.name();
    }

    /** Any one value. */
    Optional<byte[]> sample(Handle handle) {
        return handle.createQuery(sample).map((row, _) -> row.getBytes(1)).findOne();
    }

    /** Whether a value is sealed by this key. Scans all rows if there is none. */
    boolean holds(Handle handle, int id) {
        return handle.createQuery(holds).bind("id", id).mapTo(Boolean.class).one();
    }

    /** How many values a key has sealed. */
    record Count(int id, long values) {}

    /** Scans all rows. */
    List<Count> count(Handle handle) {
        return handle.createQuery(count)
                .map((row, _) -> new Count(row.getInt("id"), row.getLong("count")))
                .list();
    }

    /** How many rows the table has. */
    long rows(Handle handle) {
        return handle.createQuery(rows).mapTo(Long.class).one();
    }

    /**
     * A row without its value.
     *
     * @param key the primary key as texts
     * @param keyId 0 when there is no value
     * @param bytes the length of the value
     */
    record Head(List<String> key, int keyId, int bytes) {}

    /** The next rows by primary key, up to a limit. */
    List<Head> heads(Handle handle, @Nullable List<String> after, int limit) {
        var query = handle.createQuery(after == null ? heads : headsAfter).bind("limit", limit);
        if (after != null) {
            bind(query, after);
        }
        return query.map((row, _) -> head(row)).list();
    }

    private Head head(ResultSet row) throws SQLException {
        int width = column.key().size();
        var key = new ArrayList<String>(width);
        for (int i = 1; i <= width; i++) {
            key.add(row.getString(i));
        }
        return new Head(key, row.getInt(width + 1), row.getInt(width + 2));
    }

    private <T extends SqlStatement<T>> void bind(T statement, List<String> key) {
        for (int i = 0; i < key.size(); i++) {
            statement.bind(column.key().get(i).name(), key.get(i));
        }
    }

    /** Converts a sealed value to another one; null: leave it unchanged. */
    interface Change {
        byte @Nullable [] of(byte[] value, Head row);
    }

    /**
     * Converts those values that are not sealed by this key, in the caller's transaction. Rows that another transaction
     * has locked are skipped. The others stay locked until the transaction ends. Returns how many were changed.
     */
    int change(Handle handle, List<Head> rows, int unlessSealedBy, Change change) {
        var taking = handle.createQuery(take).bind("sealedBy", unlessSealedBy);
        for (int part = 0; part < column.key().size(); part++) {
            int at = part;
            taking.bindArray(
                    column.key().get(at).name(),
                    String.class,
                    rows.stream().map(row -> row.key().get(at)).toList());
        }
        var putting = handle.prepareBatch(put);
        for (var taken : taking.map((row, _) -> new Taken(rows.get(row.getInt(1) - 1), row.getBytes(2)))
                .list()) {
            var changedTo = change.of(taken.value(), taken.head());
            if (changedTo != null) {
                putting.bind("value", changedTo);
                bind(putting, taken.head().key());
                putting.add();
            }
        }
        int changed = putting.size();
        if (changed > 0) {
            IntStream.of(putting.execute()).forEach(ColumnSql::one);
        }
        return changed;
    }

    private record Taken(Head head, byte[] value) {}

    private static void one(int updated) {
        if (updated != 1) {
            throw new IllegalStateException("a locked row was not updated");
        }
    }
}
