package dev.millrace.server.sync;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import dev.millrace.server.record.Dataset;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The table {@code sync}. */
final class SyncStore {
    private static final String COLUMNS = """
            s.id, s.environment_id, s.connection_id, s.name, s.variant, s.frequency, s.state, s.paused_by, s.interval_ms, s.starts_at,
            s.next_run_at, s.run_again, s.reset, s.empty_cache, s.confirm_deletes, s.last_sync_date
            """;
    private static final String BY_ID = "SELECT " + COLUMNS + " FROM sync s WHERE s.id = :id";
    private static final String LOCK = "SELECT " + COLUMNS + " FROM sync s WHERE s.id = :id FOR UPDATE";
    private static final String OF_CONNECTION = "SELECT " + COLUMNS + """
              FROM sync s
             WHERE s.connection_id = :connection AND s.deleted_at IS NULL
             ORDER BY s.name, s.variant
            """;
    private static final String OF_INTEGRATION = "SELECT " + COLUMNS + """
              FROM sync s JOIN connection c ON c.id = s.connection_id
             WHERE c.integration_id = :integration AND c.deleted_at IS NULL AND s.deleted_at IS NULL
             ORDER BY s.name, s.variant, s.connection_id
            """;
    private static final String OF_FUNCTION = "SELECT " + COLUMNS + """
              FROM sync s JOIN connection c ON c.id = s.connection_id
             WHERE c.integration_id = :integration AND c.deleted_at IS NULL AND s.deleted_at IS NULL
               AND s.name = :name
             ORDER BY s.connection_id, s.variant
            """;
    private static final String CREATE = """
            INSERT INTO sync (id, environment_id, connection_id, name, variant, state, paused_by, interval_ms, starts_at,
                   next_run_at)
            VALUES (:id, :environment, :connection, :name, :variant, :state, :pausedBy, :interval, :now, :next::timestamptz)
            ON CONFLICT (connection_id, name, variant) WHERE deleted_at IS NULL DO NOTHING
            """;
    private static final String SAVE = """
            UPDATE sync
               SET state = :state, paused_by = :pausedBy, interval_ms = :interval, next_run_at = :next::timestamptz, run_again = :runAgain, reset = :reset,
                   empty_cache = :emptyCache, confirm_deletes = :confirmDeletes, last_sync_date = :lastSyncDate::timestamptz,
                   deleted_at = CASE WHEN :state = 'DELETED' THEN coalesce(deleted_at, now()) END
             WHERE id = :id
            """;
    private static final String UNWANTED = "SELECT state = 'DELETED' OR reset FROM sync WHERE id = :id FOR SHARE";
    private static final String IS_DELETED = "SELECT state = 'DELETED' FROM sync WHERE id = :id FOR SHARE";
    private static final Sql BASES = Sql.of("""
            SELECT id, connection_id, name
              FROM sync
             WHERE connection_id = ANY (:connections) AND name = ANY (:names) AND variant = 'base' AND deleted_at IS NULL
            """);
    private static final String FREQUENCY = "UPDATE sync SET frequency = :frequency WHERE id = :id";
    private static final String OUTCOME = """
            UPDATE sync
               SET failed_operation = :operation::uuid,
                   succeeded_at = CASE WHEN :operation::uuid IS NULL THEN :now ELSE succeeded_at END
             WHERE id = :id
            """;
    // A reset that was requested meanwhile requires that it is emptied again.
    private static final String EMPTIED = "UPDATE sync SET empty_cache = false WHERE id = :id AND NOT reset";
    private static final String PURGE = "UPDATE sync SET purge_models = :models WHERE id = :id";
    private static final String TO_PURGE =
            "SELECT unnest(purge_models) AS model FROM sync WHERE id = :id ORDER BY model";
    private static final Sql DECLARED = Sql.of("""
            SELECT EXISTS (
              SELECT
                FROM sync s
                JOIN connection c ON c.id = s.connection_id
                JOIN function f ON f.integration_id = c.integration_id AND f.kind = 'sync' AND f.name = s.name AND f.active
               WHERE s.connection_id = :connection AND s.variant = :variant AND s.deleted_at IS NULL
                 AND c.deleted_at IS NULL AND :model = ANY (f.models)
                 AND (s.created_at >= :since OR s.succeeded_at >= :since))
            """);
    private static final String RECOVERED = """
            SELECT DISTINCT s.connection_id
              FROM sync s JOIN connection c ON c.id = s.connection_id
             WHERE s.paused_by = 'credentials' AND s.deleted_at IS NULL AND c.deleted_at IS NULL
               AND c.auth_failure IS NULL
             ORDER BY s.connection_id
            """;
    private static final String COUNT = """
            SELECT count(*) FROM sync s
             WHERE s.connection_id = :connection AND s.name = :name AND s.deleted_at IS NULL
            """;
    private static final String WITHOUT_SYNC = """
            SELECT c.id
              FROM connection c
             WHERE c.integration_id = :integration AND c.deleted_at IS NULL
               AND coalesce(c.connection_config -> 'pending', 'false') <> 'true'
               AND NOT EXISTS (SELECT FROM sync s
                                WHERE s.connection_id = c.id AND s.name = :name AND s.variant = 'base'
                                  AND s.deleted_at IS NULL)
             ORDER BY c.id
            """;

    private final Database db;

    SyncStore(Database db) {
        this.db = db;
    }

    Optional<Sync> find(UUID id) {
        return db.withHandle(handle ->
                handle.createQuery(BY_ID).bind("id", id).map(SyncStore::read).findOne());
    }

    /** The sync, locked until the transaction ends. Every change of its state or its task requires this lock. */
    Optional<Sync> lock(Handle handle, UUID id) {
        return handle.createQuery(LOCK).bind("id", id).map(SyncStore::read).findOne();
    }

    /** Stores the state of a locked sync, in the transaction that holds the lock. */
    interface Change {
        Sync apply(Handle handle, Sync locked);
    }

    /** Changes a sync in a transaction of its own, unless it has been deleted; a running function needs its lease. */
    void change(UUID id, Change change) {
        db.useTransaction(handle -> {
            lock(handle, id)
                    .filter(s -> s.state() != Sync.State.DELETED)
                    .ifPresent(locked -> save(handle, change.apply(handle, locked)));
            RunLease.check(handle);
        });
    }

    /** Connections whose credentials work but whose syncs are still paused because of them. */
    List<Long> recovered() {
        return db.withHandle(
                handle -> handle.createQuery(RECOVERED).mapTo(Long.class).list());
    }

    List<Sync> ofConnection(long connection) {
        return db.withHandle(handle -> ofConnection(handle, connection));
    }

    Optional<Sync> find(long connection, SyncName name) {
        return ofConnection(connection).stream().filter(s -> s.isNamed(name)).findFirst();
    }

    List<Sync> ofConnection(Handle handle, long connection) {
        return handle.createQuery(OF_CONNECTION)
                .bind("connection", connection)
                .map(SyncStore::read)
                .list();
    }

    List<Sync> ofIntegration(long integration) {
        return db.withHandle(handle -> ofIntegration(handle, integration));
    }

    List<Sync> ofIntegration(Handle handle, long integration) {
        return handle.createQuery(OF_INTEGRATION)
                .bind("integration", integration)
                .map(SyncStore::read)
                .list();
    }

    List<Sync> ofFunction(Handle handle, long integration, String name) {
        return handle.createQuery(OF_FUNCTION)
                .bind("integration", integration)
                .bind("name", name)
                .map(SyncStore::read)
                .list();
    }

    List<Long> connectionsWithout(Handle handle, long integration, String name) {
        return handle.createQuery(WITHOUT_SYNC)
                .bind("integration", integration)
                .bind("name", name)
                .mapTo(Long.class)
                .list();
    }

    boolean isDeleted(Handle handle, UUID sync) {
        return handle.createQuery(IS_DELETED)
                .bind("id", sync)
                .mapTo(Boolean.class)
                .findOne()
                .orElse(true);
    }

    List<Syncs.Base> bases(Collection<Long> connections, Collection<String> names) {
        return db.withHandle(handle -> BASES.list(
                handle,
                p -> p.array("connections", "bigint", connections.toArray()).array("names", "text", names.toArray()),
                row -> new Syncs.Base(row.getObject(1, UUID.class), row.getLong(2), row.getString(3))));
    }

    /** Whether a sync was deleted or is to be reset; nobody does so until the transaction ends. */
    boolean isUnwanted(Handle handle, UUID sync) {
        return handle.createQuery(UNWANTED)
                .bind("id", sync)
                .mapTo(Boolean.class)
                .one();
    }

    /** Creates a sync; false when the connection has one with that name and variant. */
    boolean create(Handle handle, Sync sync) {
        return handle.createUpdate(CREATE)
                        .bind("id", sync.id())
                        .bind("environment", sync.environmentId())
                        .bind("connection", sync.connectionId())
                        .bind("name", sync.name())
                        .bind("variant", sync.variant())
                        .bind("state", sync.state().name())
                        .bind("pausedBy", pausedBy(sync))
                        .bind("interval", sync.interval().toMillis())
                        .bind("now", Timestamp.from(sync.recurrence().startsAt()))
                        .bind("next", timestamp(sync.nextRunAt()))
                        .execute()
                == 1;
    }

    void save(Handle handle, Sync sync) {
        handle.createUpdate(SAVE)
                .bind("id", sync.id())
                .bind("state", sync.state().name())
                .bind("pausedBy", pausedBy(sync))
                .bind("interval", sync.interval().toMillis())
                .bind("next", timestamp(sync.nextRunAt()))
                .bind("runAgain", sync.asked().again())
                .bind("reset", sync.asked().reset())
                .bind("emptyCache", sync.asked().emptyCache())
                .bind("confirmDeletes", sync.asked().confirmDeletes())
                .bind("lastSyncDate", timestamp(sync.lastSyncDate()))
                .execute();
    }

    /** Stores a connection's own frequency as it was sent; empty resets it to the function's. */
    void frequency(Handle handle, UUID sync, Optional<String> given) {
        handle.createUpdate(FREQUENCY)
                .bind("id", sync)
                .bind("frequency", given.orElse(null))
                .execute();
    }

    /** Stores the log of a failed run; empty when it succeeded. */
    void outcome(Handle handle, UUID sync, Optional<UUID> failedOperation, Instant now) {
        handle.createUpdate(OUTCOME)
                .bind("id", sync)
                .bind("operation", failedOperation.orElse(null))
                .bind("now", Timestamp.from(now))
                .execute();
    }

    /** Records that the cache was emptied, as a trigger with {@code emptyCache} requested. */
    void emptied(UUID sync) {
        db.useTransaction(handle -> {
            handle.createUpdate(EMPTIED).bind("id", sync).execute();
            RunLease.check(handle);
        });
    }

    /** Records that the records of a deleted sync have to be deleted. */
    void purge(Handle handle, UUID sync, List<String> models) {
        handle.createUpdate(PURGE)
                .bind("id", sync)
                .bindArray("models", String.class, models)
                .execute();
    }

    List<String> toPurge(UUID sync) {
        return db.withHandle(handle -> handle.createQuery(TO_PURGE)
                .bind("id", sync)
                .mapTo(String.class)
                .list());
    }

    /** Whether an existing sync of the connection that was created or successful since a time writes to a dataset. */
    static boolean declares(Connection connection, Dataset dataset, Instant since) throws SQLException {
        return DECLARED.first(
                        connection,
                        p -> p.set("connection", dataset.connection())
                                .set("variant", dataset.variant())
                                .set("model", dataset.base())
                                .set("since", Timestamp.from(since)),
                        row -> row.getBoolean(1))
                .orElseThrow();
    }

    /** The number of variants of a connection's sync, including base. */
    int count(Handle handle, long connection, String name) {
        return handle.createQuery(COUNT)
                .bind("connection", connection)
                .bind("name", name)
                .mapTo(Integer.class)
                .one();
    }

    private static @Nullable String pausedBy(Sync sync) {
        return sync.pausedBy().map(by -> by.name().toLowerCase(Locale.ROOT)).orElse(null);
    }

    private static @Nullable Timestamp timestamp(Optional<Instant> time) {
        return time.map(Timestamp::from).orElse(null);
    }

    private static Sync read(ResultSet row, StatementContext context) throws SQLException {
        return new Sync(
                new Sync.Identity(
                        row.getObject("id", UUID.class),
                        row.getLong("environment_id"),
                        row.getLong("connection_id"),
                        new SyncName(row.getString("name"), row.getString("variant"))),
                new Sync.Recurrence(
                        Optional.ofNullable(row.getString("frequency")),
                        Duration.ofMillis(row.getLong("interval_ms")),
                        row.getTimestamp("starts_at").toInstant()),
                new Sync.Plan(
                        Sync.State.valueOf(row.getString("state")),
                        Optional.ofNullable(row.getString("paused_by"))
                                .map(by -> Sync.PausedBy.valueOf(by.toUpperCase(Locale.ROOT))),
                        Optional.ofNullable(row.getTimestamp("next_run_at")).map(Timestamp::toInstant)),
                new Sync.Asked(
                        row.getBoolean("run_again"),
                        row.getBoolean("reset"),
                        row.getBoolean("empty_cache"),
                        row.getBoolean("confirm_deletes")),
                Optional.ofNullable(row.getTimestamp("last_sync_date")).map(Timestamp::toInstant));
    }
}
