package dev.millrace.server.cluster;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The right of one process to write for a run. A process gets it when it begins the run. A process that takes the run
 * over ends it and gives its row a newer token.
 *
 * <p>The rule: a transaction that writes anything for a run calls {@link #check} before it commits. The check locks the
 * row of the run until the commit ({@code FOR KEY SHARE}). This lock conflicts only with a takeover ({@code FOR
 * UPDATE}): writes do not wait for each other, and each of them commits before the takeover or not at all. The check
 * comes after the locks of syncs and tasks, because a takeover holds those already.
 *
 * <p>A thread that works for a run does so within {@link #hold}, so that the packages which write need no further
 * parameter.
 *
 * @param token grows with every claim
 */
public record RunLease(long run, long token) {
    private static final ScopedValue<RunLease> CURRENT = ScopedValue.newInstance();

    private static final Sql CHECK =
            Sql.of("SELECT FROM run WHERE id = :run AND lease = :lease AND status = 'RUNNING' FOR KEY SHARE");

    /** The lease of this thread; empty when it does not work for a run. */
    public static Optional<RunLease> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /** Works for the run on this thread. */
    public <T, X extends Throwable> T hold(ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(CURRENT, this).call(work);
    }

    /** Binds work for another thread to the lease of this one. */
    public static Runnable carry(Runnable work) {
        return current()
                .<Runnable>map(lease -> () -> ScopedValue.where(CURRENT, lease).run(work))
                .orElse(work);
    }

    /**
     * If this thread works for a run, makes sure that nobody takes the run over until the transaction ends.
     *
     * @throws LeaseLost when another process has taken it over
     */
    public static void check(Connection connection) throws SQLException {
        if (CURRENT.isBound()) {
            CURRENT.get().checkIn(connection);
        }
    }

    /** The same. */
    public static void check(Handle handle) {
        try {
            check(handle.getConnection());
        } catch (SQLException e) {
            throw new IllegalStateException("The lease of a run cannot be checked: " + e.getMessage(), e);
        }
    }

    private void checkIn(Connection connection) throws SQLException {
        if (CHECK.first(connection, p -> p.set("run", run).set("lease", token), _ -> true)
                .isEmpty()) {
            throw lost();
        }
    }

    public LeaseLost lost() {
        return new LeaseLost("run " + run);
    }
}
