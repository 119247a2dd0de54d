package dev.millrace.server.credential;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.Sql;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one process in a cluster to renew the token of a connection. The right is a row that exists during the
 * renewal. If its holder is silent, the lease can be taken over after 15 seconds. Thread-safe.
 */
public final class TokenLeases {
    private static final Logger LOG = LoggerFactory.getLogger(TokenLeases.class);
    private static final Duration BEAT = Duration.ofSeconds(4);

    private static final Sql TAKE = Sql.of("""
            INSERT INTO token_refresh AS t (connection_id, lease, process, held_until)
            VALUES (:connection, nextval('token_refresh_lease'), :process, now() + interval '15 seconds')
            ON CONFLICT (connection_id) DO UPDATE
               SET lease = excluded.lease, process = excluded.process, held_until = excluded.held_until
             WHERE t.held_until < now()
            RETURNING t.lease, (t.xmax <> 0) AS unfinished
            """);
    private static final Sql KEEP = Sql.of("""
            UPDATE token_refresh SET held_until = now() + interval '15 seconds'
             WHERE connection_id = :connection AND lease = :lease
            """);
    private static final Sql RELEASE =
            Sql.of("DELETE FROM token_refresh WHERE connection_id = :connection AND lease = :lease");

    private static final String ABANDONED = "UPDATE token_refresh SET held_until = now() WHERE process = :process";

    private final Database db;
    private final UUID process;

    /** @param process the id of this process */
    public TokenLeases(Database db, UUID process) {
        this.db = db;
        this.process = process;
    }

    /** Makes the leases of a lost process available at once. */
    public void abandoned(Handle handle, UUID by) {
        handle.createUpdate(ABANDONED).bind("process", by).execute();
    }

    /** Takes the lease and keeps it until it is closed; empty while another process holds it. */
    Optional<Lease> take(long connection) {
        return db.first(
                TAKE,
                p -> p.set("connection", connection).set("process", process),
                row -> new Lease(connection, row.getLong("lease"), row.getBoolean("unfinished")));
    }

    /** The right to renew one token. */
    final class Lease implements AutoCloseable {
        private final long connection;
        private final long token;
        private final boolean unfinished;
        private final CountDownLatch over = new CountDownLatch(1);

        private Lease(long connection, long token, boolean unfinished) {
            this.connection = connection;
            this.token = token;
            this.unfinished = unfinished;
            Thread.ofVirtual().name("token-lease-" + connection).start(this::keep);
        }

        /** Whether an earlier renewal began and did not finish, so that its outcome is unknown. */
        boolean unfinished() {
            return unfinished;
        }

        private void keep() {
            try {
                while (!over.await(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
                    change(KEEP);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        /** If this fails, the lease expires by itself. */
        private void change(Sql change) {
            try {
                db.update(change, p -> p.set("connection", connection).set("lease", token));
            } catch (RuntimeException e) {
                LOG.warn("the lease of the token of connection {} cannot be changed: {}", connection, e.getMessage());
            }
        }

        @Override
        public void close() {
            over.countDown();
            change(RELEASE);
        }
    }
}
