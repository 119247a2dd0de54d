package dev.millrace.server.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A pool that reports within seconds that the database is unavailable, but lets callers wait longer while all
 * connections are in use.
 */
final class BoundedPool extends HikariDataSource {
    /** HTTP callers must get their response within five seconds. */
    static final Duration AWAY = Duration.ofSeconds(4);

    /**
     * How long one attempt to get a connection takes. Between attempts the pool checks whether the database answers.
     */
    static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration BUSY = Duration.ofSeconds(30);

    private final ReentrantLock givingBack = new ReentrantLock();
    private final Set<Thread> holders = ConcurrentHashMap.newKeySet();
    private volatile @Nullable DatabaseWatch watch;

    BoundedPool(HikariConfig settings) {
        super(settings);
    }

    /** Sets the source that says whether the database answers. */
    void watchedBy(DatabaseWatch newWatch) {
        watch = newWatch;
    }

    /**
     * One at a time for each thread: when all threads that hold one wait for a second one, none goes on. That is checked
     * where assertions are enabled, as in tests.
     */
    @Override
    public Connection getConnection() throws SQLException {
        var holder = Thread.currentThread();
        assert !holders.contains(holder) : "This thread holds a connection already: pass its handle on";
        var taken = BorrowedConnection.of(take(), givingBack, () -> holders.remove(holder));
        assert holders.add(holder);
        return taken;
    }

    private Connection take() throws SQLException {
        long began = System.nanoTime();
        while (true) {
            checkAnswers();
            try {
                return super.getConnection();
            } catch (SQLTransientConnectionException e) {
                long waited = System.nanoTime() - began;
                boolean none = getHikariPoolMXBean().getTotalConnections() == 0;
                if (waited > BUSY.toNanos() || (none && waited > AWAY.toNanos())) {
                    throw e;
                }
            }
        }
    }

    private void checkAnswers() throws SQLTransientConnectionException {
        var watching = watch;
        if (watching != null && watching.isAway()) {
            throw new SQLTransientConnectionException("The database does not answer", "08006");
        }
    }
}
