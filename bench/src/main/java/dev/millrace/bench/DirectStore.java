package dev.millrace.bench;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeySource;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The records store on a running server's database, used in this process: writes directly to the database with the
 * server's own code.
 */
public final class DirectStore implements AutoCloseable {
    private static final String CONNECTION_ID = "SELECT id FROM connection WHERE connection_id = ?";
    private static final int SESSIONS = 4;

    private final Database db;
    private final Records records;

    private DirectStore(Database db, Records records) {
        this.db = db;
        this.records = records;
    }

    public static DirectStore open(Stage stage) throws IOException {
        var db = Database.open(new DatabaseConfig(stage.subject().database(), SESSIONS));
        try {
            var key = new KeySource(stage.subject().data(), Optional.empty()).read();
            return new DirectStore(db, new Records(db, new Encryption(key.orElseThrow())));
        } catch (RuntimeException e) {
            db.close();
            throw e;
        }
    }

    public Records records() {
        return records;
    }

    /** A model of an existing connection. */
    public Dataset dataset(String connection, String model) throws IOException {
        try (var session = db.dataSource().getConnection();
                var statement = session.prepareStatement(CONNECTION_ID)) {
            statement.setString(1, connection);
            try (var row = statement.executeQuery()) {
                row.next();
                return new Dataset(row.getLong(1), model);
            }
        } catch (SQLException e) {
            throw new IOException("the connection '" + connection + "' is not in the server's database", e);
        }
    }

    @Override
    public void close() {
        db.close();
    }
}
