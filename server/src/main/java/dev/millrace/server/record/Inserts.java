package dev.millrace.server.record;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** New records of one slice, written by one statement. */
final class Inserts {
    private static final String INSERT = """
            INSERT INTO record (ds, ext, ord, mod, first, hash, size, data)
            SELECT ?, t.ext, ? + t.n - 1, ?, ?, t.hash, t.size, t.data
              FROM unnest(?::text[], ?::bytea[], ?::int[], ?::bytea[]) WITH ORDINALITY AS t (ext, hash, size, data, n)
            """;

    private final List<Payload> payloads = new ArrayList<>();
    private final List<byte[]> data = new ArrayList<>();

    void add(Payload payload, byte[] sealed) {
        payloads.add(payload);
        data.add(sealed);
    }

    int count() {
        return payloads.size();
    }

    void write(Connection connection, Locked dataset) throws SQLException {
        if (payloads.isEmpty()) {
            return;
        }
        var ids = payloads.stream().map(Payload::id).toArray(String[]::new);
        var hashes = payloads.stream().map(Payload::hash).toArray(byte[][]::new);
        var sizes = payloads.stream().mapToInt(p -> p.json().length).toArray();
        try (var statement = connection.prepareStatement(INSERT)) {
            statement.setLong(1, dataset.ds());
            statement.setLong(2, dataset.nextOrd());
            statement.setLong(3, dataset.now());
            statement.setLong(4, dataset.now());
            statement.setArray(5, connection.createArrayOf("text", ids));
            statement.setArray(6, connection.createArrayOf("bytea", hashes));
            statement.setObject(7, sizes);
            statement.setArray(8, connection.createArrayOf("bytea", data.toArray(byte[][]::new)));
            statement.executeUpdate();
        }
    }
}
