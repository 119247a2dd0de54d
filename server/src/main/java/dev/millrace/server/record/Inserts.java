package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.encryption.Encryption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** The new records of a batch, written by COPY: under the lock no other writer can have added them. */
final class Inserts {
    private static final String COPY =
            "COPY record (dataset_id, external_id, sequence, modified, first_seen, hash, text_hash, size, data)"
                    + " FROM STDIN (FORMAT binary)";
    private static final short COLUMNS = 9;
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    /** A number with its length. */
    private static final int FIELD = Integer.BYTES + Long.BYTES;

    private static final int PORTION = 64 * 1024;

    /** Where a row tells what is known only under the lock: dataset_id, sequence, modified, first_seen, after their lengths. */
    private record Blank(Bytes in, int datasetId, int sequence) {}

    private final List<Bytes> portions = new ArrayList<>();
    private final List<Blank> blanks = new ArrayList<>();

    /** Seals the record and writes its row, except the values that are known only under the lock. */
    void add(Payload payload, byte[] textHash, Encryption encryption) {
        var id = payload.id().getBytes(UTF_8);
        var out = portion();
        putShort(out, COLUMNS);
        int datasetId = blankLong(out);
        putBytes(out, id);
        blanks.add(new Blank(out, datasetId, blankLong(out)));
        blankLong(out);
        blankLong(out);
        putBytes(out, payload.hash());
        putBytes(out, textHash);
        out.putInt(Integer.BYTES).putInt(payload.json().length);
        int sealed = Encryption.sealedLength(payload.json().length);
        out.putInt(sealed);
        encryption.seal(payload.json(), out.open(sealed), out.length());
        out.filledTo(out.length() + sealed);
    }

    private Bytes portion() {
        if (portions.isEmpty() || portions.getLast().length() >= PORTION) {
            portions.add(new Bytes(PORTION + PORTION / 2));
        }
        return portions.getLast();
    }

    int count() {
        return blanks.size();
    }

    void write(Connection connection, Locked dataset) throws SQLException {
        if (blanks.isEmpty()) {
            return;
        }
        fill(dataset);
        var copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
        try {
            var head = new Bytes(SIGNATURE.length + 2 * Integer.BYTES)
                    .put(SIGNATURE)
                    .putInt(0)
                    .putInt(0);
            copy.writeToCopy(head.array(), 0, head.length());
            putShort(portions.getLast(), (short) -1);
            for (var portion : portions) {
                copy.writeToCopy(portion.array(), 0, portion.length());
            }
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private void fill(Locked dataset) {
        long sequence = dataset.nextSequence();
        for (var blank : blanks) {
            blank.in.setLong(blank.datasetId, dataset.datasetId());
            blank.in.setLong(blank.sequence, sequence++);
            blank.in.setLong(blank.sequence + FIELD, dataset.now());
            blank.in.setLong(blank.sequence + 2 * FIELD, dataset.now());
        }
    }

    /** Reserves space for a number that is filled in later. */
    private static int blankLong(Bytes out) {
        out.putInt(Long.BYTES).putInt(0).putInt(0);
        return out.length() - Long.BYTES;
    }

    private static void putShort(Bytes out, short value) {
        out.put(value >>> 8).put(value);
    }

    private static void putBytes(Bytes out, byte[] value) {
        out.putInt(value.length).put(value);
    }
}
