package dev.millrace.server.function;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.http.Json;
import dev.millrace.server.schedule.Schedule;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Dry runs and deployments of source text. One request creates a job, the job runs in the background, and other
 * requests read its state. Request and outcome are encrypted. A completed job is kept for a week. Thread-safe.
 */
public final class Jobs {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED = List.of(
            new SealedColumn("function_job", "request", List.of(new SealedColumn.Part("id", "uuid"))),
            new SealedColumn("function_job", "outcome", List.of(new SealedColumn.Part("id", "uuid"))));

    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
    private static final Duration KEPT = Duration.ofDays(7);
    private static final String ADD = """
            INSERT INTO function_job
                   (id, environment_id, kind, integration, function_type, status, request, created_at, updated_at)
            VALUES (:id, :environment, :kind, :integration, :type, 'waiting', :request, :now, :now)
            """;
    private static final String FORGET = "DELETE FROM function_job WHERE completed_at < :before";
    private static final String FIND = "SELECT * FROM function_job WHERE id = :id";
    private static final String START = """
            UPDATE function_job SET status = 'running', started_at = coalesce(started_at, :now), updated_at = :now
             WHERE id = :id AND status IN ('waiting', 'running')
            """;
    private static final String END = """
            UPDATE function_job
               SET status = :status, outcome = :outcome, request = '', completed_at = :now, updated_at = :now
             WHERE id = :id AND status IN ('waiting', 'running')
            """;

    private final Database db;
    private final Encryption encryption;
    private final Schedule schedule;
    private final Clock clock;

    public Jobs(Database db, Encryption encryption, Schedule schedule, Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.schedule = schedule;
        this.clock = clock;
    }

    /** The purpose of a job; also the name of its task. */
    public enum Purpose {
        DRYRUN("dryrun"),
        DEPLOYMENT("deployment");

        private final String wire;

        Purpose(String wire) {
            this.wire = wire;
        }

        String task() {
            return "function-" + wire;
        }
    }

    /** Executes a job and ends it with {@link #succeed} or {@link #fail}. */
    public interface Work {
        void run(Job job) throws InterruptedException;
    }

    /**
     * Sets the code for a purpose. To be called before the schedule starts.
     *
     * @param repeatable whether a job whose process died is repeated; otherwise it fails
     */
    public void handle(Purpose purpose, boolean repeatable, Work work) {
        schedule.handle(purpose.task(), claim -> run(purpose, claim, repeatable, work));
    }

    /** Creates a job; it starts at once. */
    public Job add(Purpose purpose, long environment, String integration, String functionType, ObjectNode request) {
        var id = UUID.randomUUID();
        var now = Timestamp.from(clock.instant());
        db.useTransaction(handle -> {
            handle.createUpdate(FORGET)
                    .bind("before", Timestamp.from(clock.instant().minus(KEPT)))
                    .execute();
            handle.createUpdate(ADD)
                    .bind("id", id)
                    .bind("environment", environment)
                    .bind("kind", purpose.wire)
                    .bind("integration", integration)
                    .bind("type", functionType)
                    .bind("request", encryption.seal(Json.bytes(request)))
                    .bind("now", now)
                    .execute();
            schedule.at(handle, purpose.task(), id.toString(), clock.instant());
        });
        schedule.wake();
        return find(id).orElseThrow();
    }

    /** A job of an environment. */
    public Optional<Job> find(Purpose purpose, long environment, UUID id) {
        return db.withHandle(handle -> handle.createQuery(FIND + " AND environment_id = :environment AND kind = :kind")
                .bind("id", id)
                .bind("environment", environment)
                .bind("kind", purpose.wire)
                .map((row, _) -> read(row))
                .findOne());
    }

    private Optional<Job> find(UUID id) {
        return db.withHandle(handle -> handle.createQuery(FIND)
                .bind("id", id)
                .map((row, _) -> read(row))
                .findOne());
    }

    private void run(Purpose purpose, Schedule.Claim claim, boolean repeatable, Work work) throws InterruptedException {
        var id = UUID.fromString(claim.id());
        var job = find(id).orElse(null);
        if (job != null && job.status().equals("running") && !repeatable) {
            fail(
                    job,
                    Job.error(
                            "execution_environment_unavailable",
                            "The server stopped while this ran. Ask for it again."));
        } else if (job != null && start(job)) {
            try {
                work.run(job);
            } catch (RuntimeException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e; // The server stops: the next start finds the job still running.
                }
                LOG.error("The {} {} could not be done", purpose.wire, id, e);
                fail(
                        job,
                        Job.error(
                                "server_error",
                                "The job failed because of an internal error; the server's log has the reason."));
            }
        }
        db.useTransaction(handle -> schedule.finish(handle, claim));
    }

    private boolean start(Job job) {
        return db.withHandle(handle -> handle.createUpdate(START)
                        .bind("id", job.id())
                        .bind("now", Timestamp.from(clock.instant()))
                        .execute())
                == 1;
    }

    /** Records success, in the transaction of the job's effects. */
    public void succeed(Handle handle, Job job, ObjectNode outcome) {
        end(handle, job, "success", outcome);
    }

    /** Records success. */
    public void succeed(Job job, ObjectNode outcome) {
        db.useHandle(handle -> end(handle, job, "success", outcome));
    }

    /** Records failure; {@code outcome} contains an {@code error}. */
    public void fail(Job job, ObjectNode outcome) {
        db.useHandle(handle -> end(handle, job, "failed", outcome));
    }

    private void end(Handle handle, Job job, String status, ObjectNode outcome) {
        handle.createUpdate(END)
                .bind("id", job.id())
                .bind("status", status)
                .bind("outcome", encryption.seal(Json.bytes(outcome)))
                .bind("now", Timestamp.from(clock.instant()))
                .execute();
    }

    private Job read(ResultSet row) throws SQLException {
        return new Job(
                row.getObject("id", UUID.class),
                row.getLong("environment_id"),
                row.getString("integration"),
                row.getString("function_type"),
                row.getString("status"),
                opened(row.getBytes("request")),
                opened(row.getBytes("outcome")),
                row.getTimestamp("created_at").toInstant(),
                row.getTimestamp("updated_at").toInstant(),
                Optional.ofNullable(row.getTimestamp("started_at")).map(Timestamp::toInstant),
                Optional.ofNullable(row.getTimestamp("completed_at")).map(Timestamp::toInstant));
    }

    private ObjectNode opened(byte @Nullable [] sealed) {
        return sealed == null || sealed.length == 0 ? Json.object() : (ObjectNode) Json.parse(encryption.open(sealed));
    }
}
