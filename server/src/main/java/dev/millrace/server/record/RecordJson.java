package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.vault.Vault;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes records as clients see them, without parsing: the metadata is spliced in before the closing brace. */
final class RecordJson {
    private static final int MOST_FORESEEN = 1024 * 1024;
    private static final int CLOSING = 256;

    private final Vault vault;
    private final int limit;
    private final Bytes out = new Bytes(2 * 1024).latin(Page.OPENING).put('[');
    private final List<Page.Item> items = new ArrayList<>();
    private Position last = Position.START;

    // Most records of a page share their times.
    private long knownTime;
    private String knownText = Times.text(0);

    /** @param limit how many records there will be at most */
    RecordJson(Vault vault, int limit) {
        this.vault = vault;
        this.limit = limit;
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
            contents(row.getBytes(7));
        }
        out.latin(",\"_nango_metadata\":{\"first_seen_at\":\"").latin(text(first));
        out.latin("\",\"last_modified_at\":\"").latin(text(last.mod()));
        out.latin("\",\"last_action\":\"").latin(action(isDeleted, first).name());
        time("\",\"deleted_at\":", isDeleted, deleted);
        time(",\"pruned_at\":", isPruned, pruned);
        var cursor = last.cursor(text(last.mod()));
        out.latin(",\"cursor\":\"").put(cursor).latin("\"}}");
        items.add(new Page.Item(start, out.length(), last, cursor));
    }

    /** All but the closing brace. */
    private void contents(byte[] sealed) {
        int plain = Vault.openedLength(sealed.length);
        if (items.size() == 1) {
            // Records of one model are of one size, more or less.
            out.open((int) Math.min(MOST_FORESEEN, (long) limit * (out.length() + plain) + CLOSING));
        }
        vault.open(sealed, out.open(plain), out.length());
        out.filledTo(out.length() + plain - 1);
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

    int length() {
        return out.length();
    }

    Position last() {
        return last;
    }

    Page end(Optional<String> next) {
        int end = out.put(']').length();
        out.latin(",\"next_cursor\":");
        next.ifPresentOrElse(cursor -> out.put('"').latin(cursor).put('"'), () -> out.latin("null"));
        out.put('}');
        return new Page(out.array(), out.length(), end, items, next);
    }
}
