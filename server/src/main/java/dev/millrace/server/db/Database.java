package dev.millrace.server.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.HandleConsumer;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** Access to the database: one connection pool. Once it is open, the schema is current. Thread-safe. */
public final class Database implements AutoCloseable {
    private static final int KEPT = 4;
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final Duration VALIDATION = Duration.ofSeconds(2);
    // PostgreSQL ends a session after this time, so that a stopped process or a vanished host does not hold its locks
    // for ever.
    private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(8);

    private static final String APPLIED = """
            SELECT version::int, checksum
              FROM schema_history
             WHERE success AND version ~ '^[0-9]+$' AND checksum IS NOT NULL
             ORDER BY 1 DESC
             LIMIT 1
            """;

    private final BoundedPool pool;
    private final PhysicalConnections connections;
    private final Jdbi jdbi;
    private Optional<DatabaseWatch> watch = Optional.empty();

    private Database(BoundedPool pool, PhysicalConnections connections) {
        this.pool = pool;
        this.connections = connections;
        this.jdbi = Jdbi.create(pool);
        // Exceptions are logged, and logs must not contain customers' data.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
    }

    /** Connects and migrates. */
    public static Database open(DatabaseConfig config) {
        var connections = connections(config);
        var pool = connect(config, connections);
        try {
            migrate(pool, connections);
            return new Database(pool, connections);
        } catch (RuntimeException e) {
            pool.close();
            throw DatabaseFailure.migrating(config, e)
                    .<RuntimeException>map(f -> f)
                    .orElse(e);
        }
    }

    private static BoundedPool connect(DatabaseConfig config, PhysicalConnections connections) {
        try {
            return new BoundedPool(settings(config, connections));
        } catch (HikariPool.PoolInitializationException e) {
            throw DatabaseFailure.connecting(config.url(), e);
        }
    }

    private static HikariConfig settings(DatabaseConfig config, PhysicalConnections connections) {
        var settings = new HikariConfig();
        settings.setPoolName("millrace");
        settings.setMaximumPoolSize(config.poolSize());
        if (config.poolSize() > KEPT) {
            // A connection costs PostgreSQL some megabytes; opening one takes some milliseconds.
            settings.setMinimumIdle(KEPT);
            settings.setIdleTimeout(IDLE.toMillis());
        }
        settings.setAutoCommit(true);
        settings.setConnectionTimeout(BoundedPool.LOOK.toMillis());
        settings.setValidationTimeout(VALIDATION.toMillis());
        // Plans are cached: a plan made while a table was empty must not scan the table once it is full.
        settings.setConnectionInitSql("SET enable_seqscan = off; SET idle_in_transaction_session_timeout = "
                + IDLE_IN_TRANSACTION.toMillis());
        settings.setDataSource(connections);
        return settings;
    }

    private static PhysicalConnections connections(DatabaseConfig config) {
        var properties = new Properties();
        properties.setProperty("ApplicationName", "millrace");
        properties.setProperty("reWriteBatchedInserts", "true");
        properties.setProperty("prepareThreshold", "2");
        properties.setProperty("logServerErrorDetail", "false");
        var url = config.url().startsWith("jdbc:") ? config.url() : fromUri(properties, URI.create(config.url()));
        return new PhysicalConnections(url, properties);
    }

    private static String fromUri(Properties properties, URI uri) {
        if (uri.getRawUserInfo() != null) {
            var parts = uri.getRawUserInfo().split(":", 2);
            properties.setProperty("user", URLDecoder.decode(parts[0], StandardCharsets.UTF_8));
            if (parts.length == 2) {
                properties.setProperty("password", URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        var query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        int port = uri.getPort() < 0 ? 5432 : uri.getPort();
        return "jdbc:postgresql://" + uri.getHost() + ":" + port + uri.getRawPath() + query;
    }

    /** Flyway works with several connections at once, which no thread may take from the pool. */
    private static void migrate(DataSource pool, DataSource connections) {
        // Flyway takes a quarter of a second even with nothing to do, so its history table is read first.
        if (isCurrent(pool)) {
            return;
        }
        Flyway.configure()
                .dataSource(connections)
                .locations("classpath:db/migration")
                .table("schema_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }

    private static boolean isCurrent(DataSource pool) {
        try (var connection = pool.getConnection();
                var found = connection.getMetaData().getTables(null, "public", "schema_history", null)) {
            return found.next() && applied(connection).equals(Optional.of(Migrations.NEWEST));
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot reach the database: " + e.getMessage(), e);
        }
    }

    private static Optional<Migrations.Applied> applied(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(APPLIED)) {
            return rows.next() ? Optional.of(new Migrations.Applied(rows.getInt(1), rows.getInt(2))) : Optional.empty();
        }
    }

    public DataSource dataSource() {
        return pool;
    }

    public <T extends @org.jspecify.annotations.Nullable Object, X extends Exception> T withHandle(
            HandleCallback<T, X> work) throws X {
        return jdbi.withHandle(work);
    }

    public <X extends Exception> void useHandle(HandleConsumer<X> work) throws X {
        jdbi.useHandle(work);
    }

    /** Runs the work in one transaction with isolation level read committed. */
    public <T extends @org.jspecify.annotations.Nullable Object, X extends Exception> T inTransaction(
            HandleCallback<T, X> work) throws X {
        return jdbi.inTransaction(work);
    }

    /** Runs read-only work on one snapshot of the database. */
    public <T extends @org.jspecify.annotations.Nullable Object, X extends Exception> T inSnapshot(
            HandleCallback<T, X> work) throws X {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, work);
    }

    public <X extends Exception> void useTransaction(HandleConsumer<X> work) throws X {
        jdbi.useTransaction(work);
    }

    /** The first row of a query that is executed often, if there is one. */
    public <T> Optional<T> first(Sql query, Sql.Binder binder, Sql.Row<T> row) {
        try (var connection = pool.getConnection()) {
            return query.first(connection, binder, row);
        } catch (SQLException e) {
            throw new Sql.Failed(e);
        }
    }

    /** Executes a frequent change in a transaction of its own; returns how many rows it changed. */
    public int update(Sql change, Sql.Binder binder) {
        try (var connection = pool.getConnection()) {
            return change.update(connection, binder);
        } catch (SQLException e) {
            throw new Sql.Failed(e);
        }
    }

    /**
     * Starts the monitor: callers that wait for a database that does not answer then fail within seconds. The listener
     * receives messages of other servers.
     */
    public void watch(MessageListener listener) {
        var begun = new DatabaseWatch(connections, listener);
        watch = Optional.of(begun);
        pool.watchedBy(begun);
    }

    /** Whether the database has not answered for some seconds. Always false before the monitor has started. */
    public boolean isAway() {
        return watch.filter(DatabaseWatch::isAway).isPresent();
    }

    @Override
    public void close() {
        watch.ifPresent(DatabaseWatch::close);
        pool.close();
    }
}
