package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** New records of one slice, copied in: under the lock no other writer can have added them. */
final class Inserts {
    private static final String COPY =
            "COPY record (ds, ext, ord, mod, first, hash, raw, size, data) FROM STDIN (FORMAT binary)";
    private static final short COLUMNS = 9;
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int PORTION = 64 * 1024;

    private record Insert(Payload payload, byte[] raw, byte[] sealed) {}

    private final List<Insert> all = new ArrayList<>();

    void add(Payload payload, byte[] raw, byte[] sealed) {
        all.add(new Insert(payload, raw, sealed));
    }

    int count() {
        return all.size();
    }

    void write(Connection connection, Locked dataset) throws SQLException {
        if (all.isEmpty()) {
            return;
        }
        var copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
        try {
            send(copy, dataset);
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private void send(CopyIn copy, Locked dataset) throws SQLException {
        var out = new Bytes(PORTION + PORTION / 2).put(SIGNATURE).putInt(0).putInt(0);
        long ord = dataset.nextOrd();
        for (var insert : all) {
            row(out, dataset, ord++, insert);
            if (out.length() >= PORTION) {
                copy.writeToCopy(out.array(), 0, out.length());
                out.truncate(0);
            }
        }
        putShort(out, (short) -1);
        copy.writeToCopy(out.array(), 0, out.length());
    }

    private static void row(Bytes out, Locked dataset, long ord, Insert insert) {
        var payload = insert.payload;
        putShort(out, COLUMNS);
        putLong(out, dataset.ds());
        putBytes(out, payload.id().getBytes(UTF_8));
        putLong(out, ord);
        putLong(out, dataset.now());
        putLong(out, dataset.now());
        putBytes(out, payload.hash());
        putBytes(out, insert.raw);
        out.putInt(Integer.BYTES).putInt(payload.json().length);
        putBytes(out, insert.sealed);
    }

    private static void putShort(Bytes out, short value) {
        out.put(value >>> 8).put(value);
    }

    private static void putLong(Bytes out, long value) {
        out.putInt(Long.BYTES).putInt((int) (value >>> 32)).putInt((int) value);
    }

    private static void putBytes(Bytes out, byte[] value) {
        out.putInt(value.length).put(value);
    }
}
