package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes records in the clients' format without parsing them: the metadata is inserted before the closing brace. */
final class RecordJson {
    private static final byte[] ID = latin("{\"id\":");
    private static final byte[] METADATA = latin(",\"_nango_metadata\":{\"first_seen_at\":\"");
    private static final byte[] MODIFIED = latin("\",\"last_modified_at\":\"");
    private static final byte[] ACTION = latin("\",\"last_action\":\"");
    private static final byte[] DELETED = latin("\",\"deleted_at\":");
    private static final byte[] PRUNED = latin(",\"pruned_at\":");
    private static final byte[] CURSOR = latin(",\"cursor\":\"");
    private static final byte[] END = latin("\"}}");
    private static final byte[] NULL = latin("null");

    private static final int MOST_FORESEEN = 1024 * 1024;
    private static final int CLOSING = 256;

    private final Encryption encryption;
    private final int limit;
    private final Bytes out;
    private final List<Page.Item> items = new ArrayList<>();
    private Position last = Position.START;

    // Most records of a page have the same times.
    private Moment first = Moment.of(0);
    private Moment modified = first;

    /**
     * @param limit maximum number of records
     * @param into the array to write to, as long as it is large enough
     */
    RecordJson(Encryption encryption, int limit, byte[] into) {
        this.encryption = encryption;
        this.limit = limit;
        this.out = new Bytes(into).latin(Page.OPENING).put('[');
    }

    /** The row: external_id, sequence, modified, first_seen, deleted, pruned, data, epoch. */
    void add(ResultSet row) throws SQLException {
        if (!items.isEmpty()) {
            out.put(',');
        }
        int start = out.length();
        last = new Position(row.getLong(3), row.getLong(2), row.getLong(8));
        first = first.or(row.getLong(4));
        modified = modified.or(last.modified());
        long deleted = row.getLong(5);
        boolean isDeleted = !row.wasNull();
        long pruned = row.getLong(6);
        boolean isPruned = !row.wasNull();

        if (isPruned) {
            out.put(ID).put(Json.quote(row.getString(1)).getBytes(UTF_8));
        } else {
            contents(row.getBytes(7));
        }
        out.put(METADATA).put(first.bytes);
        out.put(MODIFIED).put(modified.bytes);
        out.put(ACTION).latin(action(isDeleted).name());
        time(DELETED, isDeleted, deleted);
        time(PRUNED, isPruned, pruned);
        var cursor = last.cursor(modified.text);
        out.put(CURSOR).put(cursor).put(END);
        items.add(new Page.Item(start, out.length(), last, cursor));
    }

    /** Everything except the closing brace. */
    private void contents(byte[] sealed) {
        int plain = Encryption.openedLength(sealed.length);
        if (items.size() == 1) {
            // Records of one model have similar sizes.
            out.open((int) Math.min(MOST_FORESEEN, (long) limit * (out.length() + plain) + CLOSING));
        }
        encryption.open(sealed, out.open(plain), out.length());
        out.filledTo(out.length() + plain - 1);
    }

    private Action action(boolean isDeleted) {
        if (isDeleted) {
            return Action.DELETED;
        }
        return first.micros == last.modified() ? Action.ADDED : Action.UPDATED;
    }

    private void time(byte[] name, boolean present, long micros) {
        out.put(name);
        if (present) {
            out.put('"').put(modified.or(micros).bytes).put('"');
        } else {
            out.put(NULL);
        }
    }

    /** A time in the clients' format. */
    private record Moment(long micros, String text, byte[] bytes) {
        static Moment of(long micros) {
            var text = Times.text(micros);
            return new Moment(micros, text, latin(text));
        }

        /** Returns this object if it has the given time. */
        Moment or(long time) {
            return time == micros ? this : of(time);
        }
    }

    private static byte[] latin(String text) {
        return text.getBytes(ISO_8859_1);
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
