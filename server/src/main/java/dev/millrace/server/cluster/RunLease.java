package dev.millrace.server.cluster;

import dev.millrace.server.db.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The right of one process to write for a run. A process gets it with the run that it begins. Whoever takes the run over
 * ends it and gives its row a newer token.
 *
 * <p>The rule: a transaction that writes anything for a run calls {@link #check} before it commits. The check locks the
 * row of the run until the commit, in a mode that conflicts with taking over alone ({@code FOR KEY SHARE} against
 * {@code FOR UPDATE}): writes do not wait for each other, and each of them is committed before the run is taken over or
 * not at all. It comes after the locks of syncs and tasks, since whoever takes over holds those already.
 *
 * <p>A thread that works for a run does so within {@link #hold}, so that the rooms which write need not be told.
 *
 * @param token grows with every claim
 */
public record RunLease(long run, long token) {
    private static final ScopedValue<RunLease> CURRENT = ScopedValue.newInstance();

    private static final Sql CHECK =
            Sql.of("SELECT FROM run WHERE id = :run AND lease = :lease AND status = 'RUNNING' FOR KEY SHARE");

    /** The lease by which this thread writes; empty when it works for no run. */
    public static Optional<RunLease> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /** Works for the run on this thread. */
    public <T, X extends Throwable> T hold(ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(CURRENT, this).call(work);
    }

    /** The work, for another thread, by the lease of this one. */
    public static Runnable carry(Runnable work) {
        return current()
                .<Runnable>map(lease -> () -> ScopedValue.where(CURRENT, lease).run(work))
                .orElse(work);
    }

    /**
     * Makes sure, until the transaction ends, that nobody takes over the run for which this thread works, if it does.
     *
     * @throws LeaseLost when somebody has
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
        CHECK.first(connection, p -> p.set("run", run).set("lease", token), _ -> true)
                .orElseThrow(this::lost);
    }

    public LeaseLost lost() {
        return new LeaseLost("run " + run);
    }
}
