package dev.millrace.server.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks twice a second whether the database answers, on a connection of its own, and receives messages of other
 * servers on that connection. A database that has not answered for some seconds counts as unavailable. Calls that wait
 * for it are then ended, and new ones are refused, until it answers again. A statement may therefore take as long as it
 * needs, but no caller waits for a frozen database. Thread-safe.
 */
final class DatabaseWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseWatch.class);
    /** The channel for all messages between servers. */
    private static final String LISTEN = "LISTEN millrace";

    private static final Duration EVERY = Duration.ofMillis(500);
    private static final int ANSWERS_WITHIN_SECONDS = 1;
    private static final Duration OPENS_WITHIN = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LONG_PAUSE = Duration.ofMillis(500);
    /** After a pause of this process one check may fail although the database has answered, so it takes two. */
    private static final int FAILURES = 2;

    private static final Duration SILENCE = Duration.ofSeconds(2);

    private final PhysicalConnections connections;
    private final MessageListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private volatile boolean away;
    private volatile @Nullable Connection current;
    private boolean closing;
    private int failures;
    private long answeredAt = System.nanoTime();

    DatabaseWatch(PhysicalConnections connections, MessageListener listener) {
        this.connections = connections;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("database-watch").start(this::run);
    }

    boolean isAway() {
        return away;
    }

    private void run() {
        try {
            while (!isClosing()) {
                attend();
                awaitClosing(isAway() ? LONG_PAUSE : PAUSE);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs until the connection breaks. */
    private void attend() {
        try (var connection = connections.openAside(OPENS_WITHIN)) {
            current = connection;
            try (var statement = connection.createStatement()) {
                statement.execute(LISTEN);
            }
            answered();
            // Earlier notifications are lost.
            listener.missed();
            while (!isClosing()) {
                hear(connection);
                if (!connection.isValid(ANSWERS_WITHIN_SECONDS)) {
                    failed("no answer within " + ANSWERS_WITHIN_SECONDS + " s");
                    PhysicalConnections.abort(connection);
                    return;
                }
                answered();
            }
        } catch (SQLException e) {
            if (isAnswer(e)) {
                answered();
            } else {
                failed(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Whether the database returned an error, which shows that it works. */
    private static boolean isAnswer(SQLException e) {
        var state = e.getSQLState() == null ? "08" : e.getSQLState();
        return !state.startsWith("08") && !state.startsWith("57P");
    }

    private void hear(Connection connection) throws SQLException {
        var heard = connection.unwrap(PGConnection.class).getNotifications((int) EVERY.toMillis());
        if (heard != null) {
            for (var message : heard) {
                listener.heard(message.getParameter());
            }
        }
    }

    private void answered() {
        lock.lock();
        try {
            failures = 0;
            answeredAt = System.nanoTime();
            if (away) {
                away = false;
                LOG.info("The database answers again");
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void failed(String why) {
        lock.lock();
        try {
            failures++;
            if (away || closing || failures < FAILURES || System.nanoTime() - answeredAt < SILENCE.toNanos()) {
                return;
            }
            away = true;
            LOG.warn("The database does not answer ({}): what waits for it is ended", why);
        } finally {
            lock.unlock();
        }
        connections.abortAll();
    }

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    private void awaitClosing(Duration longest) throws InterruptedException {
        lock.lock();
        try {
            long left = longest.toNanos();
            while (!closing && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        var waiting = current;
        if (waiting != null) {
            PhysicalConnections.abort(waiting);
        }
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
