package dev.millrace.server.db;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/**
 * A pool that says within seconds that the database is away, but has callers wait longer for a connection that others use.
 */
final class BoundedPool extends HikariDataSource {
    /** Callers over HTTP get their answer within five. */
    static final Duration AWAY = Duration.ofSeconds(4);

    private static final Duration BUSY = Duration.ofSeconds(30);

    BoundedPool(com.zaxxer.hikari.HikariConfig settings) {
        super(settings);
    }

    @Override
    public Connection getConnection() throws SQLException {
        long end = System.nanoTime() + BUSY.toNanos();
        while (true) {
            try {
                return super.getConnection();
            } catch (SQLTransientConnectionException e) {
                if (getHikariPoolMXBean().getTotalConnections() == 0 || System.nanoTime() - end > 0) {
                    throw e;
                }
            }
        }
    }
}
