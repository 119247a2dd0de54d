package dev.millrace.server.metadata;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The history of metadata: who changed it, when and how. Only the last versions of a connection are kept. Thread-safe.
 */
public final class MetadataHistory {
    private static final String CONNECTION = """
            SELECT c.id, coalesce(m.version, 0) AS version
              FROM integration i JOIN connection c ON c.integration_id = i.id
              LEFT JOIN metadata m ON m.connection_id = c.id
             WHERE i.environment_id = :environment AND i.unique_key = :integration AND i.deleted_at IS NULL
               AND c.connection_id = :connection AND c.deleted_at IS NULL
            """;
    // The newest version is kept regardless of its age.
    private static final String KEPT = """
            SELECT version, changed_at, actor, patch, body, sealed
              FROM metadata_history
             WHERE connection_id = :id AND version > :newest - :versions
               AND (changed_at >= :oldest OR version = :newest)
            """;
    private static final String PAGE = KEPT + """
               AND version < :before
             ORDER BY version DESC
             LIMIT :limit
            """;
    private static final String ONE = KEPT + " AND version = :version";

    private final Database db;
    private final Encryption encryption;
    private final EnvironmentSettings settings;
    private final Clock clock;

    public MetadataHistory(Database db, Encryption encryption, EnvironmentSettings settings, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.settings = settings;
        this.clock = clock;
    }

    private record Subject(long id, long newest) {}

    /** The versions before the given one, newest first. */
    public List<Version> page(Address address, long before, int limit) {
        return db.withHandle(handle -> query(handle, PAGE, address)
                .bind("before", before)
                .bind("limit", limit)
                .map(this::version)
                .list());
    }

    /** One version, if it is still kept. */
    public Optional<Version> find(Address address, long version) {
        return db.withHandle(handle -> query(handle, ONE, address)
                .bind("version", version)
                .map(this::version)
                .findOne());
    }

    private Query query(Handle handle, String sql, Address address) {
        var subject = subject(handle, address);
        var kept = HistoryLimits.of(settings.get(handle, address.environment()));
        return handle.createQuery(sql)
                .bind("id", subject.id())
                .bind("newest", subject.newest())
                .bind("versions", kept.versions())
                .bind("oldest", Timestamp.from(kept.oldest(clock.instant())));
    }

    private static Subject subject(Handle handle, Address address) {
        return handle.createQuery(CONNECTION)
                .bind("environment", address.environment())
                .bind("integration", address.integration())
                .bind("connection", address.connectionId())
                .map((row, _) -> new Subject(row.getLong("id"), row.getLong("version")))
                .findOne()
                .orElseThrow(() -> new UnknownConnection(address.connectionId()));
    }

    private Version version(ResultSet row, StatementContext context) throws SQLException {
        var sealed = row.getBytes("sealed");
        var patch = row.getString("patch");
        var body = row.getString("body");
        if (sealed != null) {
            var opened = Json.parse(encryption.openText(sealed));
            patch = Json.text(opened.path("patch"));
            body = Json.text(opened.path("body"));
        }
        return new Version(
                row.getLong("version"),
                row.getTimestamp("changed_at").toInstant(),
                row.getString("actor"),
                patch,
                Optional.ofNullable(body).orElse("null"));
    }
}
