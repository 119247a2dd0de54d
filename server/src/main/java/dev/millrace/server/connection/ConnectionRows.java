package dev.millrace.server.connection;

import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;

/** Rows of connections as they are read: the columns, and the values made of them. Thread-safe. */
final class ConnectionRows {
    static final String COLUMNS = """
            c.id, c.environment_id, c.integration_id, c.connection_id, i.unique_key, i.provider, c.credentials,
            c.credentials_version, c.auth_failure::text,
            c.connection_config::text, m.body AS metadata, m.sealed AS sealed_metadata,
            coalesce(m.version, 0) AS metadata_version, c.tags::text, c.end_user::text, c.webhook_url_override,
            c.created_at, c.updated_at, c.last_fetched_at,
            (SELECT json_agg(json_build_object('type', 'sync', 'log_id', e.log_id) ORDER BY e.name, e.variant)
               FROM sync_error e
              WHERE e.connection_id = c.id)::text AS errors
            """;
    static final String FROM = """
              FROM connection c JOIN integration i ON i.id = c.integration_id
              LEFT JOIN metadata m ON m.connection_id = c.id
            """;

    private final Encryption encryption;

    ConnectionRows(Encryption encryption) {
        this.encryption = encryption;
    }

    Connection read(ResultSet row) throws SQLException {
        return new Connection(
                row.getLong("id"),
                row.getLong("environment_id"),
                row.getLong("integration_id"),
                row.getString("connection_id"),
                row.getString("unique_key"),
                row.getString("provider"),
                Credentials.parse(encryption.openText(row.getBytes("credentials"))),
                row.getLong("credentials_version"),
                Json.parseObject(row.getString("connection_config")),
                metadata(row),
                row.getLong("metadata_version"),
                row.getString("tags"),
                Optional.ofNullable(row.getString("end_user")),
                Optional.ofNullable(row.getString("webhook_url_override")),
                Optional.ofNullable(row.getString("errors")).orElse("[]"),
                Optional.ofNullable(row.getString("auth_failure")).map(AuthFailure::parse),
                instant(row, "created_at").orElseThrow(),
                instant(row, "updated_at").orElseThrow(),
                instant(row, "last_fetched_at"));
    }

    private Optional<String> metadata(ResultSet row) throws SQLException {
        var sealed = row.getBytes("sealed_metadata");
        return sealed == null
                ? Optional.ofNullable(row.getString("metadata"))
                : Optional.of(encryption.openText(sealed));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
    }
}
