package dev.millrace.server.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.HandleConsumer;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** Access to the database: one connection pool, with the newest schema once it is open. Thread-safe. */
public final class Database implements AutoCloseable {
    private static final int KEPT = 4;
    private static final Duration IDLE = Duration.ofSeconds(20);
    // What a process holds locked that was stopped within a transaction, or whose host is gone, is free after this
    // time.
    private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(8);

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private Database(HikariDataSource pool) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        // Exceptions are logged: what customers store has no place there.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
    }

    /** Connects and migrates. */
    public static Database open(DatabaseConfig config) {
        var pool = connect(config);
        try {
            migrate(pool);
            return new Database(pool);
        } catch (RuntimeException e) {
            pool.close();
            throw DatabaseFailure.migrating(config.url(), e)
                    .<RuntimeException>map(f -> f)
                    .orElse(e);
        }
    }

    private static BoundedPool connect(DatabaseConfig config) {
        try {
            return new BoundedPool(settings(config));
        } catch (HikariPool.PoolInitializationException e) {
            throw DatabaseFailure.connecting(config.url(), e);
        }
    }

    private static HikariConfig settings(DatabaseConfig config) {
        var settings = new HikariConfig();
        settings.setPoolName("millrace");
        settings.setMaximumPoolSize(config.poolSize());
        if (config.poolSize() > KEPT) {
            // Each costs PostgreSQL some megabytes; a new one costs some milliseconds.
            settings.setMinimumIdle(KEPT);
            settings.setIdleTimeout(IDLE.toMillis());
        }
        settings.setAutoCommit(true);
        settings.setConnectionTimeout(BoundedPool.AWAY.toMillis());
        // Plans are kept: one made while a table was empty must not read all of it once it is full.
        settings.setConnectionInitSql("SET enable_seqscan = off; SET idle_in_transaction_session_timeout = "
                + IDLE_IN_TRANSACTION.toMillis());
        settings.addDataSourceProperty("ApplicationName", "millrace");
        settings.addDataSourceProperty("reWriteBatchedInserts", "true");
        settings.addDataSourceProperty("prepareThreshold", "2");
        settings.addDataSourceProperty("logServerErrorDetail", "false");
        if (config.url().startsWith("jdbc:")) {
            settings.setJdbcUrl(config.url());
        } else {
            fromUri(settings, URI.create(config.url()));
        }
        return settings;
    }

    private static void fromUri(HikariConfig settings, URI uri) {
        var query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        int port = uri.getPort() < 0 ? 5432 : uri.getPort();
        settings.setJdbcUrl("jdbc:postgresql://" + uri.getHost() + ":" + port + uri.getRawPath() + query);
        if (uri.getRawUserInfo() != null) {
            var parts = uri.getRawUserInfo().split(":", 2);
            settings.setUsername(URLDecoder.decode(parts[0], StandardCharsets.UTF_8));
            if (parts.length == 2) {
                settings.setPassword(URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
    }

    private static void migrate(DataSource pool) {
        // Flyway costs a quarter of a second even with nothing to do: ask the history first.
        if (isCurrent(pool)) {
            return;
        }
        Flyway.configure()
                .dataSource(pool)
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
            return found.next() && Migrations.newest() == applied(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot reach the database: " + e.getMessage(), e);
        }
    }

    private static int applied(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "SELECT max(version::int) FROM schema_history WHERE success AND version ~ '^[0-9]+$'")) {
            return rows.next() ? rows.getInt(1) : 0;
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

    /** Runs the work in one transaction, read committed. */
    public <T extends @org.jspecify.annotations.Nullable Object, X extends Exception> T inTransaction(
            HandleCallback<T, X> work) throws X {
        return jdbi.inTransaction(work);
    }

    /** Runs the work, which only reads, on the state of one moment. */
    public <T extends @org.jspecify.annotations.Nullable Object, X extends Exception> T inSnapshot(
            HandleCallback<T, X> work) throws X {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, work);
    }

    public <X extends Exception> void useTransaction(HandleConsumer<X> work) throws X {
        jdbi.useTransaction(work);
    }

    /** The first row of a hot path's query, if there is one. */
    public <T> Optional<T> first(Sql query, Sql.Binder binder, Sql.Row<T> row) {
        try (var connection = pool.getConnection()) {
            return query.first(connection, binder, row);
        } catch (SQLException e) {
            throw new Sql.Failed(e);
        }
    }

    /** Runs a hot path's change by itself; answers how many rows it changed. */
    public int update(Sql change, Sql.Binder binder) {
        try (var connection = pool.getConnection()) {
            return change.update(connection, binder);
        } catch (SQLException e) {
            throw new Sql.Failed(e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
