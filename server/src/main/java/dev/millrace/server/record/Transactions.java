package dev.millrace.server.record;

import dev.millrace.server.cluster.RunLease;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Runs work on the database and locks datasets. Thread-safe. */
final class Transactions {
    /** Work in a transaction or on a database connection. */
    public interface Work<T extends @Nullable Object> {
        T on(Connection connection) throws SQLException;
    }

    /** Work during which no one else can write to the dataset. */
    interface LockedWork<T> {
        T on(Connection connection, Locked dataset) throws SQLException;
    }

    private final DataSource pool;
    private volatile CommitListener listener = (_, _) -> {};

    Transactions(DataSource pool) {
        this.pool = pool;
    }

    /** There is one listener. It is called on the writer's thread: it must be quick and must not throw. */
    void listen(CommitListener one) {
        listener = one;
    }

    /** Statements that need no transaction. */
    <T extends @Nullable Object> T plainly(Work<T> work) {
        try (var connection = pool.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    <T extends @Nullable Object> T commit(Work<T> work) {
        try (var connection = pool.getConnection()) {
            // The pool rolls back uncommitted changes when it takes the connection back.
            connection.setAutoCommit(false);
            var result = work.on(connection);
            connection.commit();
            return result;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Work under the lock of the dataset, if the dataset exists. */
    <T> Optional<T> ifExists(Dataset dataset, LockedWork<T> work) {
        return locked(dataset, connection -> Locked.take(connection, dataset), work);
    }

    /** Work under the lock of the dataset, unless the dataset has changed since the comparison. */
    <T> Optional<T> ifUnchanged(Dataset dataset, StoredSnapshot snapshot, Locked.Tally tally, LockedWork<T> work) {
        return locked(
                dataset,
                connection -> Locked.takeIf(connection, snapshot.datasetId(), snapshot.lastModified(), tally),
                work);
    }

    /** Used by all writes. Those of a run check its lease. */
    private <T> Optional<T> locked(Dataset dataset, Work<@Nullable Locked> lock, LockedWork<T> work) {
        var done = commit(connection -> {
            var locked = lock.on(connection);
            if (locked == null) {
                return Optional.<Done<T>>empty();
            }
            RunLease.check(connection);
            return Optional.of(new Done<>(work.on(connection, locked), locked.now()));
        });
        done.ifPresent(d -> listener.committed(dataset, d.at));
        return done.map(Done::result);
    }

    private record Done<T>(T result, long at) {}

    /** Work under the lock of the dataset, which is created if it does not exist. */
    <T> T locked(Dataset dataset, LockedWork<T> work) {
        while (true) {
            var done = ifExists(dataset, work);
            if (done.isPresent()) {
                return done.get();
            }
            plainly(connection -> Locked.create(connection, dataset));
        }
    }

    private static IllegalStateException failed(SQLException e) {
        return new IllegalStateException("The records store failed: " + e.getMessage(), e);
    }
}
