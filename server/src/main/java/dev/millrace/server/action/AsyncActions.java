package dev.millrace.server.action;

import dev.millrace.server.action.AsyncActionStore.Attempt;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.Subject;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.run.ActionCall;
import dev.millrace.server.run.Failures;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asynchronous actions. They run one after another in each environment, in a queue of their own. Failures are retried
 * at once, results are kept for five days. The queue of an environment is one task, so only one server of a cluster
 * works on it at a time. Thread-safe.
 */
public final class AsyncActions {
    /** How long results are kept. */
    private static final Duration KEPT = Duration.ofDays(5);

    private static final Logger LOG = LoggerFactory.getLogger(AsyncActions.class);
    private static final String TASK = "async-actions";
    private static final Duration LONGEST_WAIT = Duration.ofHours(24);
    private static final int LONGEST_QUEUE = 10_000;

    private final Database db;
    private final AsyncActionStore store;
    private final Schedule schedule;
    private final Actions actions;
    private final Runs runs;
    private final Connections connections;
    private final WebhookOutbox outbox;
    private final Clock clock;

    public AsyncActions(
            Database db,
            Encryption encryption,
            Schedule schedule,
            Actions actions,
            Runs runs,
            Connections connections,
            WebhookOutbox outbox,
            Clock clock) {
        this.db = db;
        this.store = new AsyncActionStore(encryption);
        this.schedule = schedule;
        this.actions = actions;
        this.runs = runs;
        this.connections = connections;
        this.outbox = outbox;
        this.clock = clock;
        schedule.handle(TASK, this::work);
    }

    /** Where to poll for the result, and its id. */
    private static ActionResult accepted(UUID id) {
        var body = Json.object().put("id", id.toString()).put("statusUrl", "/action/" + id);
        return new ActionResult(202, Json.bytes(body));
    }

    /**
     * Queues a call.
     *
     * @param retries how many attempts may follow the first one
     * @param noted further writes of the same transaction
     * @throws Failure as the contract defines it; nothing is queued then
     */
    ActionResult accept(ActionCall call, int retries, BiConsumer<Handle, ActionResult> noted) {
        long connection = actions.prepare(call).connection().id();
        var id = UUID.randomUUID();
        var accepted = accepted(id);
        db.useTransaction(handle -> {
            if (store.waiting(handle, call.environment(), LONGEST_QUEUE) >= LONGEST_QUEUE) {
                throw Failures.unable(Actions.QUEUE_FULL);
            }
            store.add(handle, id, call, connection, retries, clock.instant());
            // While the task runs, this changes nothing. But it locks the task, so that the task does not end before
            // this transaction.
            schedule.at(handle, TASK, String.valueOf(call.environment()), clock.instant());
            noted.accept(handle, accepted);
        });
        schedule.wake();
        return accepted;
    }

    /** The final result; empty while there is none and after it has expired. */
    Optional<ActionResult> result(long environment, UUID id) {
        return db.withHandle(
                handle -> store.result(handle, environment, id, clock.instant().minus(KEPT)));
    }

    private void work(Schedule.Claim claim) throws InterruptedException {
        long environment = Long.parseLong(claim.id());
        for (var next = next(claim); next.isPresent(); next = next(claim)) {
            var attempt = next.get();
            end(claim, attempt, attempt(claim, attempt));
        }
        db.useTransaction(handle -> {
            schedule.finish(handle, claim);
            // From here on, an addition to the queue has to create a new task.
            if (store.waiting(handle, environment, 1) > 0) {
                schedule.at(handle, TASK, String.valueOf(environment), clock.instant());
            }
        });
    }

    private Optional<Attempt> next(Schedule.Claim claim) {
        return db.inTransaction(handle -> {
            var first = store.first(handle, Long.parseLong(claim.id()));
            claim.check(handle);
            runs.takeOver(handle, claim);
            first.ifPresent(attempt -> store.start(handle, attempt));
            return first;
        });
    }

    private ActionResult attempt(Schedule.Claim claim, Attempt attempt) throws InterruptedException {
        if (attempt.running()) {
            // The server that began the attempt is gone.
            return ActionResult.of(Failures.expired(attempt.id(), Failures.LOST));
        }
        if (isLate(attempt)) {
            return ActionResult.of(Failures.expired(attempt.id(), Outcome.NOT_STARTED));
        }
        try {
            return execute(claim, attempt);
        } catch (Failure e) {
            return ActionResult.of(Failures.unable(String.valueOf(e.getMessage())));
        } catch (InterruptedException e) {
            end(claim, attempt, ActionResult.of(Failures.cancelled(attempt.id(), "The server was stopped")));
            throw e;
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("The action {} could not be run; id {}", attempt.call().action(), attempt.id(), e);
            return ActionResult.of(Failures.unexpected());
        }
    }

    private boolean isLate(Attempt attempt) {
        return attempt.waitsSince().plus(LONGEST_WAIT).isBefore(clock.instant());
    }

    private ActionResult execute(Schedule.Claim claim, Attempt attempt) throws InterruptedException {
        var connection = connections
                .find(attempt.connection())
                .orElseThrow(() -> Failures.unable("The connection was deleted before the action started"));
        var work = actions.prepare(
                        connection, attempt.call().action(), attempt.call().input())
                .of(claim);
        while (true) {
            var ended = runs.execute(work);
            boolean started = !(ended.outcome() instanceof Outcome.Failed failed)
                    || !failed.type().equals(Outcome.NOT_STARTED);
            // Asynchronous calls have no waiting caller, so they may wait longer for a worker.
            if (started || isLate(attempt)) {
                return Actions.result(ended, attempt.id());
            }
        }
    }

    private void end(Schedule.Claim claim, Attempt attempt, ActionResult result) {
        db.useTransaction(handle -> {
            claim.check(handle);
            if (result.status() != 200 && attempt.retries() > 0) {
                store.again(handle, attempt, clock.instant());
            } else if (store.end(handle, attempt, result, clock.instant())) {
                // The webhook announces that the action has ended, not its outcome.
                outbox.actionEnded(handle, subject(attempt), attempt.id());
            }
        });
    }

    private static Subject subject(Attempt attempt) {
        var call = attempt.call();
        return new Subject(
                call.environment(), OptionalLong.of(attempt.connection()), call.integration(), call.connectionId());
    }

    /** Results go when nobody can ask for them any more. */
    public RetentionRule retention() {
        return new RetentionRule(
                "action-retention",
                new Pace(Duration.ofMillis(200), Duration.ofMinutes(10)),
                KEPT,
                1_000,
                (before, most) -> db.withHandle(handle -> AsyncActionStore.removeFinished(handle, before, most)));
    }

    /** Those of the connections for which calls or results are stored. */
    public static Set<Long> keeping(Handle handle, Collection<Long> connections) {
        return AsyncActionStore.keeping(handle, connections);
    }
}
