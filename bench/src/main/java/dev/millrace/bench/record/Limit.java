package dev.millrace.bench.record;

import dev.millrace.server.encryption.Encryption;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/**
 * The cost of the same rows in the database alone: binary COPY of rows that are sealed and encoded beforehand, into a
 * table with the columns and indexes of the store's first version. The table does not change when the store's schema
 * does, so that results stay comparable.
 *
 * @param byWriter encoded batches of each writer
 */
record Limit(List<List<byte[]>> byWriter, Batch.Shape shape) {
    static final String TABLE = "limit_record";

    static final List<String> CREATE = List.of(
            """
            CREATE TABLE limit_record (
              dataset_id  bigint   NOT NULL,
              external_id text     COLLATE "C" NOT NULL,
              sequence    bigint   NOT NULL,
              modified    bigint   NOT NULL,
              first_seen  bigint   NOT NULL,
              deleted     bigint,
              pruned      bigint,
              hash        bytea    NOT NULL,
              size        int      NOT NULL,
              data        bytea    NOT NULL,
              PRIMARY KEY (dataset_id, external_id)
            )
            """,
            "ALTER TABLE limit_record ALTER COLUMN data SET STORAGE EXTERNAL",
            "CREATE UNIQUE INDEX limit_record_cursor ON limit_record (dataset_id, modified, sequence)",
            "CREATE INDEX limit_record_deleted ON limit_record (dataset_id, modified, sequence)"
                    + " WHERE deleted IS NOT NULL");

    private static final String COPY =
            "COPY limit_record (dataset_id, external_id, sequence, modified, first_seen, hash, size, data)"
                    + " FROM STDIN (FORMAT binary)";

    private static final byte[] HEAD = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int COLUMNS = 8;
    private static final int HASH_BYTES = 16;
    private static final long SOME_TIME = 1_700_000_000_000_000L;

    Limit {
        byWriter = List.copyOf(byWriter);
    }

    static Limit of(Batch batch, Batch.Shape shape, Encryption encryption) throws IOException {
        var writers = new ArrayList<List<byte[]>>();
        for (int writer = 0; writer < shape.writers(); writer++) {
            var encoded = new ArrayList<byte[]>();
            long number = shape.first();
            for (var slice : batch.byWriter().get(writer)) {
                encoded.add(encode(writer + 1, number, slice, shape.ids(), encryption));
                number += slice.size();
            }
            writers.add(encoded);
        }
        return new Limit(writers, shape);
    }

    private static byte[] encode(long datasetId, long first, List<byte[]> slice, Batch.Ids ids, Encryption encryption)
            throws IOException {
        var bytes = new ByteArrayOutputStream(slice.size() * 1_300);
        var out = new DataOutputStream(bytes);
        out.write(HEAD);
        out.writeInt(0);
        out.writeInt(0);
        long number = first;
        for (var text : slice) {
            out.writeShort(COLUMNS);
            number(out, datasetId);
            field(out, ids.of(number).getBytes(StandardCharsets.UTF_8));
            number(out, number);
            number(out, SOME_TIME + first);
            number(out, SOME_TIME + first);
            field(out, hash(text));
            out.writeInt(Integer.BYTES);
            out.writeInt(text.length);
            field(out, encryption.seal(text));
            number++;
        }
        out.writeShort(-1);
        return bytes.toByteArray();
    }

    private static void number(DataOutputStream out, long value) throws IOException {
        out.writeInt(Long.BYTES);
        out.writeLong(value);
    }

    private static void field(DataOutputStream out, byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    private static byte[] hash(byte[] text) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(text), HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Copies the batches of one writer, each in a transaction. */
    void write(DataSource pool, int writer) throws SQLException {
        for (var slice : byWriter.get(writer)) {
            try (var session = pool.getConnection()) {
                session.setAutoCommit(false);
                copy(session, slice);
                session.commit();
            }
        }
    }

    private static void copy(Connection session, byte[] slice) throws SQLException {
        var copy = session.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
        copy.writeToCopy(slice, 0, slice.length);
        copy.endCopy();
    }
}
