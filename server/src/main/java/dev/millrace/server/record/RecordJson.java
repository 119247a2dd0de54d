package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.vault.Vault;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Writes records as clients see them, without parsing: the metadata is spliced in before the closing brace. */
final class RecordJson {
    private final Vault vault;
    private final Bytes out = new Bytes(16 * 1024).put('[');
    private final List<Page.Item> items = new ArrayList<>();
    private Position last = Position.START;

    // Most records of a page share their times.
    private long knownTime;
    private String knownText = Times.text(0);

    RecordJson(Vault vault) {
        this.vault = vault;
    }

    /** The row: ext, ord, mod, first, deleted, pruned, data, epoch. */
    void add(ResultSet row) throws SQLException {
        if (!items.isEmpty()) {
            out.put(',');
        }
        int start = out.length();
        last = new Position(row.getLong(3), row.getLong(2), row.getLong(8));
        long first = row.getLong(4);
        long deleted = row.getLong(5);
        boolean isDeleted = !row.wasNull();
        long pruned = row.getLong(6);
        boolean isPruned = !row.wasNull();

        if (isPruned) {
            out.latin("{\"id\":").put(Json.quote(row.getString(1)).getBytes(UTF_8));
        } else {
            var plain = vault.open(row.getBytes(7));
            out.put(plain, 0, plain.length - 1);
        }
        out.latin(",\"_nango_metadata\":{\"first_seen_at\":\"").latin(text(first));
        out.latin("\",\"last_modified_at\":\"").latin(text(last.mod()));
        out.latin("\",\"last_action\":\"").latin(action(isDeleted, first).name());
        time("\",\"deleted_at\":", isDeleted, deleted);
        time(",\"pruned_at\":", isPruned, pruned);
        var cursor = last.cursor();
        out.latin(",\"cursor\":\"").latin(cursor).latin("\"}}");
        items.add(new Page.Item(start, out.length(), last, cursor));
    }

    private Action action(boolean isDeleted, long first) {
        if (isDeleted) {
            return Action.DELETED;
        }
        return first == last.mod() ? Action.ADDED : Action.UPDATED;
    }

    private void time(String name, boolean present, long micros) {
        out.latin(name);
        if (present) {
            out.put('"').latin(text(micros)).put('"');
        } else {
            out.latin("null");
        }
    }

    private String text(long micros) {
        if (micros != knownTime) {
            knownTime = micros;
            knownText = Times.text(micros);
        }
        return knownText;
    }

    int count() {
        return items.size();
    }

    List<Page.Item> items() {
        return items;
    }

    int length() {
        return out.length();
    }

    Position last() {
        return last;
    }

    byte[] end() {
        return out.put(']').toArray();
    }
}
