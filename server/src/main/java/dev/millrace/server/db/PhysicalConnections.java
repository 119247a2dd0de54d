package dev.millrace.server.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.common.BaseDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to PostgreSQL and keeps track of the open ones. Opening has a time limit; statements have none,
 * because they may take long. {@link #abortAll} ends everything that waits for a database that does not answer.
 * Thread-safe.
 */
final class PhysicalConnections extends BaseDataSource implements DataSource {
    private static final Logger LOG = LoggerFactory.getLogger(PhysicalConnections.class);
    private static final String READ_LIMIT = "socketTimeout";

    private final String url;
    private final Properties properties;
    private final Set<Connection> open = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    PhysicalConnections(String url, Properties properties) {
        this.url = url;
        this.properties = properties;
    }

    /** Opens a connection that {@link #abortAll} does not end. Each step of opening it is limited to this time. */
    Connection openAside(Duration limit) throws SQLException {
        var all = new Properties();
        all.putAll(properties);
        var seconds = String.valueOf(Math.max(1, limit.toSeconds()));
        all.setProperty("connectTimeout", seconds);
        all.setProperty(READ_LIMIT, seconds);
        var connection = DriverManager.getConnection(url, all);
        // A value in the URL of the database takes precedence.
        if (connection.getNetworkTimeout() == TimeUnit.SECONDS.toMillis(Long.parseLong(seconds))) {
            connection.setNetworkTimeout(Runnable::run, 0);
        }
        return connection;
    }

    @Override
    public Connection getConnection() throws SQLException {
        var connection = openAside(BoundedPool.AWAY);
        open.add(connection);
        return connection;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("The user is one of the properties");
    }

    /** Threads that wait on one of them get an error that says that the connection is broken. */
    void abortAll() {
        List<Connection> all;
        synchronized (open) {
            all = List.copyOf(open);
            open.clear();
        }
        all.forEach(PhysicalConnections::abort);
    }

    /** Closes a connection without notifying the database; calls that wait on it fail. */
    static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("A connection could not be aborted", e);
        }
    }

    @Override
    public String getDescription() {
        return "Connections to PostgreSQL";
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("Wraps nothing");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
