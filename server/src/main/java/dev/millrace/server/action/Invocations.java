package dev.millrace.server.action;

import dev.millrace.server.action.InvocationArgument.Target;
import dev.millrace.server.action.InvocationStore.Invocation;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.BundleFunction;
import dev.millrace.server.function.BundleFunction.Trigger;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entry point for calls of bundle functions. A caller that waits for a function without a limit has it run at once, in
 * this process; all other calls are stored and queued. Thread-safe.
 */
public final class Invocations {
    /** How long outcomes are kept. */
    static final Duration KEPT = Duration.ofDays(5);

    /** How long a queued call may wait for its start. */
    static final Duration LONGEST_WAIT = Duration.ofHours(24);

    /** How long a caller is held. */
    private static final Duration LONGEST_CALL = Duration.ofMinutes(2);

    private static final int LONGEST_QUEUE = 10_000;
    private static final String QUEUE_FULL = "10000 calls of this environment wait already: try again later";

    private final Database db;
    private final InvocationStore store;
    private final InvocationInput inputs;
    private final InvocationWork works;
    private final InvocationQueue queue;
    private final InvocationWindows windows;
    private final Schedule schedule;
    private final Connections connections;
    private final Functions functions;
    private final EnvironmentSettings settings;
    private final Runs runs;
    private final Clock clock;
    private final ActionSlots slots = new ActionSlots(ActionSlots.OF_NODE);

    public Invocations(
            Database db,
            Encryption encryption,
            Schedule schedule,
            Cluster cluster,
            Connections connections,
            Environments environments,
            Functions functions,
            EnvironmentSettings settings,
            Logs logs,
            Runs runs,
            Clock clock) {
        this.db = db;
        this.store = new InvocationStore(encryption);
        this.inputs = new InvocationInput();
        this.works = new InvocationWork(connections, environments, functions, inputs, logs, clock);
        this.queue = new InvocationQueue(db, store, schedule, runs, works, cluster, clock);
        this.windows = new InvocationWindows(db, store, encryption, schedule, clock);
        this.schedule = schedule;
        this.connections = connections;
        this.functions = functions;
        this.settings = settings;
        this.runs = runs;
        this.clock = clock;
    }

    /**
     * A call over HTTP.
     *
     * @param waits whether the caller waits for the outcome
     * @param input JSON null when there is none
     * @param request as functions with the trigger {@code http} see it
     */
    record Call(
            long environment,
            String integration,
            String connectionId,
            String function,
            boolean waits,
            JsonNode input,
            ObjectNode request) {}

    /** A call that has passed all checks. */
    private record Checked(Function function, BundleFunction bundle, Connection connection, ObjectNode argument) {}

    /**
     * Runs a function to its end.
     *
     * @param late gets the outcome if it arrives after the time for which a caller is held
     * @throws Failure when nothing was executed
     */
    ActionResult call(Call call, Consumer<ActionResult> late) throws InterruptedException {
        var checked = check(call);
        return checked.bundle().serial() ? inTurn(checked) : atOnce(checked, late);
    }

    private ActionResult atOnce(Checked checked, Consumer<ActionResult> late) throws InterruptedException {
        long due = System.nanoTime() + LONGEST_CALL.toNanos();
        long environment = checked.connection().environmentId();
        long connection = checked.connection().id();
        var limits = new ActionSlots.Limits(settings.get(environment).actionConcurrency(), 0);
        switch (slots.enter(environment, connection, limits, LONGEST_CALL)) {
            case GRANTED -> {}
            case EXPIRED -> throw InvocationOutcome.failure(InvocationOutcome.LATE);
            case REFUSED -> throw InvocationOutcome.failure(QUEUE_FULL);
        }
        var work = works.of(checked.connection(), checked.function(), checked.argument());
        var running = new FutureTask<>(() -> {
            try {
                return execute(work, Duration.ofNanos(Math.max(0, due - System.nanoTime())));
            } finally {
                slots.leave(environment, connection);
            }
        });
        Thread.ofVirtual().name("function-" + checked.function().name()).start(running);
        try {
            return running.get(Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            Thread.ofVirtual().name("late-outcome").start(() -> tell(running, late));
            return InvocationOutcome.failed("The function did not end within 2 minutes; it goes on. Use no_wait.");
        } catch (InterruptedException e) {
            running.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new InterruptedException("The function was cancelled");
            }
        }
    }

    private static void tell(FutureTask<ActionResult> running, Consumer<ActionResult> late) {
        try {
            late.accept(running.get());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException _) {
            late.accept(InvocationOutcome.failed("The function was cancelled"));
        }
    }

    private ActionResult execute(Work work, Duration workerWait) throws InterruptedException {
        try {
            var ended = runs.execute(work, workerWait);
            if (!InvocationWork.hasStarted(ended)) {
                throw InvocationOutcome.failure(InvocationOutcome.LATE);
            }
            return InvocationOutcome.of(ended);
        } catch (LeaseLost _) {
            return InvocationOutcome.failed(InvocationOutcome.LOST);
        }
    }

    private ActionResult inTurn(Checked checked) throws InterruptedException {
        long environment = checked.connection().environmentId();
        var id = queue(checked, true, (_, _) -> {});
        var result = Optional.<ActionResult>empty();
        try {
            result = queue.await(environment, id, LONGEST_CALL);
        } finally {
            if (result.isEmpty()) {
                queue.giveUp(id, InvocationOutcome.failed(InvocationOutcome.LATE));
            }
        }
        return result.or(() -> result(environment, id).flatMap(InvocationStore.Known::result))
                .orElseGet(() -> InvocationOutcome.failed("The function did not end within 2 minutes; it goes on. GET "
                        + InvocationRoutes.PATH + "/" + id + " has the outcome."));
    }

    /**
     * Queues a call.
     *
     * @param noted further writes of the same transaction
     * @throws Failure when it is refused; nothing is queued then
     */
    ActionResult accept(Call call, BiConsumer<Handle, ActionResult> noted) {
        var checked = check(call);
        return InvocationOutcome.accepted(
                queue(checked, false, (handle, id) -> noted.accept(handle, InvocationOutcome.accepted(id))));
    }

    private UUID queue(Checked checked, boolean waits, BiConsumer<Handle, UUID> noted) {
        var connection = checked.connection();
        var id = db.inTransaction(handle -> {
            if (store.unfinished(handle, connection.environmentId(), LONGEST_QUEUE) >= LONGEST_QUEUE) {
                throw InvocationOutcome.failure(QUEUE_FULL);
            }
            var added = add(
                    handle,
                    checked.function(),
                    connection.environmentId(),
                    connection.id(),
                    checked.argument(),
                    true,
                    waits);
            added.lane().ifPresent(lane -> schedule.at(handle, InvocationQueue.TASK, lane, clock.instant()));
            noted.accept(handle, added.id());
            return added.id();
        });
        schedule.wake();
        return id;
    }

    /** @param lane to work on; empty for a call that is collected */
    private record Added(UUID id, Optional<String> lane) {}

    private Added add(
            Handle handle,
            Function function,
            long environment,
            long connection,
            ObjectNode argument,
            boolean checked,
            boolean waits) {
        var id = UUID.randomUUID();
        var lane = lane(function, connection).orElse(id.toString());
        Instant now = clock.instant();
        var invocation = new Invocation(
                id,
                lane,
                environment,
                connection,
                function.name(),
                argument,
                checked,
                waits,
                false,
                Optional.empty(),
                1,
                now,
                now,
                now.plus(waits ? LONGEST_CALL : LONGEST_WAIT));
        var debounce = waits ? Optional.<BundleFunction.Debounce>empty() : InvocationWindows.debounce(function);
        if (debounce.isPresent()) {
            return new Added(windows.collect(handle, function, debounce.get(), invocation), Optional.empty());
        }
        store.add(handle, invocation);
        return new Added(id, Optional.of(lane));
    }

    /** The lane of a function whose runs on a connection are executed one after the other. */
    private static Optional<String> lane(Function function, long connection) {
        return BundleFunction.of(function).serial()
                ? Optional.of(connection + ":" + function.name())
                : Optional.empty();
    }

    /** An event of a provider for a function that subscribes to it. */
    public record Received(Function function, long connection, ObjectNode argument) {}

    /** Queues events in the transaction that stores them. */
    public void received(Handle handle, Collection<Received> events) {
        var lanes = new TreeSet<String>();
        for (var event : events) {
            var function = event.function();
            add(handle, function, function.environmentId(), event.connection(), event.argument(), false, false)
                    .lane()
                    .ifPresent(lanes::add);
        }
        schedule.at(handle, InvocationQueue.TASK, lanes, clock.instant());
        handle.afterCommit(schedule::wake);
    }

    /** Queues a run by schedule, unless one of a serial function is waiting or running. */
    void scheduled(Handle handle, Function function, Connection connection) {
        var lane = lane(function, connection.id());
        if (lane.isPresent() && store.anyWaiting(handle, lane.get())) {
            return;
        }
        var argument =
                InvocationArgument.schedule(Target.of(connection), Json.object().nullNode());
        add(handle, function, connection.environmentId(), connection.id(), argument, true, false)
                .lane()
                .ifPresent(added -> schedule.at(handle, InvocationQueue.TASK, added, clock.instant()));
    }

    private Checked check(Call call) {
        var connection = connections
                .find(call.environment(), call.integration(), call.connectionId())
                .orElseThrow(() -> Failure.plain(
                        404, "connection_not_found", "Connection '" + call.connectionId() + "' was not found"));
        var function = functions
                .find(connection.integrationId(), Kind.FUNCTION, call.function())
                .orElseThrow(() ->
                        Failure.plain(404, "function_not_found", "Function '" + call.function() + "' was not found"));
        if (!function.enabled()) {
            throw Failure.plain(403, "function_disabled", "Function '" + function.name() + "' is disabled");
        }
        var bundle = BundleFunction.of(function);
        if (!mayBeCalled(bundle.trigger(), call)) {
            throw Failure.plain(
                    400,
                    "invalid_invocation",
                    "A function with the trigger '" + bundle.trigger().kind() + "' cannot be invoked with '"
                            + (call.waits() ? "wait" : "no_wait") + "'");
        }
        inputs.check(function, call.input());
        return new Checked(function, bundle, connection, argument(bundle.trigger(), Target.of(connection), call));
    }

    private boolean mayBeCalled(Trigger trigger, Call call) {
        return switch (trigger) {
            case Trigger.Http _ -> true;
            case Trigger.Schedule _ -> !call.waits();
            case Trigger.Event event -> !call.waits() && !event.events().isEmpty();
            case Trigger.None _ -> !settings.get(call.environment()).strictInvocations();
        };
    }

    private static ObjectNode argument(Trigger trigger, Target target, Call call) {
        return switch (trigger) {
            case Trigger.Http _ -> InvocationArgument.http(target, call.input(), call.request());
            case Trigger.Schedule _ -> InvocationArgument.schedule(target, call.input());
            case Trigger.Event event ->
                InvocationArgument.event(target, event.events().getFirst());
            case Trigger.None _ -> InvocationArgument.invoke(target, call.input());
        };
    }

    /** What is known of a queued call; empty when there is none with this id. */
    Optional<InvocationStore.Known> result(long environment, UUID id) {
        return db.withHandle(
                handle -> store.find(handle, environment, id, clock.instant().minus(KEPT)));
    }

    /** Outcomes go when nobody can ask for them any more. */
    public RetentionRule retention() {
        return new RetentionRule(
                "invocation-retention",
                new Pace(Duration.ofMillis(200), Duration.ofMinutes(10)),
                KEPT,
                1_000,
                (before, most) -> db.withHandle(handle -> InvocationStore.removeFinished(handle, before, most)));
    }
}
