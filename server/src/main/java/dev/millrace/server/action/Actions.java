package dev.millrace.server.action;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Failure;
import dev.millrace.server.run.ActionCall;
import dev.millrace.server.run.Failures;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Runs synchronous actions: at once, in this process. Thread-safe. */
public final class Actions {
    static final String QUEUE_FULL = "10000 actions of this environment wait already: try again later";

    private final Connections connections;
    private final Environments environments;
    private final Functions functions;
    private final EnvironmentSettings settings;
    private final Runs runs;
    private final ActionSlots slots = new ActionSlots(ActionSlots.OF_NODE);

    public Actions(
            Connections connections,
            Environments environments,
            Functions functions,
            EnvironmentSettings settings,
            Runs runs) {
        this.connections = connections;
        this.environments = environments;
        this.functions = functions;
        this.settings = settings;
        this.runs = runs;
    }

    /**
     * @return the output as JSON text
     * @throws Failure as the contract defines it
     */
    public byte[] trigger(ActionCall call) throws InterruptedException {
        try {
            var ended = run(call);
            return switch (ended.outcome()) {
                case Outcome.Succeeded succeeded -> succeeded.output();
                case Outcome.Failed failed -> throw Failures.of(failed, ended.operation());
            };
        } catch (LeaseLost _) {
            throw lost();
        }
    }

    /** The same, but a failure of the action itself is a result. A {@link Failure} means that nothing was executed. */
    ActionResult execute(ActionCall call) throws InterruptedException {
        try {
            var ended = run(call);
            return result(ended, ended.operation());
        } catch (LeaseLost _) {
            return ActionResult.of(lost());
        }
    }

    /** This server was silent for so long that another one has recorded the action as lost. */
    private static Failure lost() {
        return Failures.expired(UUID.randomUUID(), Failures.LOST);
    }

    private Runs.Ended run(ActionCall call) throws InterruptedException {
        var work = prepare(call);
        var due = System.nanoTime() + work.type().longestWait().toNanos();
        enter(work);
        try {
            var ended = runs.execute(work, Duration.ofNanos(Math.max(0, due - System.nanoTime())));
            if (ended.outcome() instanceof Outcome.Failed failed
                    && failed.type().equals(Outcome.NOT_STARTED)) {
                throw Failures.of(failed, ended.operation());
            }
            return ended;
        } finally {
            slots.leave(call.environment(), work.connection().id());
        }
    }

    private void enter(Work work) throws InterruptedException {
        long environment = work.connection().environmentId();
        var wanted = settings.get(environment);
        var limits = new ActionSlots.Limits(wanted.actionConcurrency(), wanted.actionConnectionConcurrency());
        switch (slots.enter(
                environment, work.connection().id(), limits, work.type().longestWait())) {
            case GRANTED -> {}
            case EXPIRED -> throw Failures.expired(UUID.randomUUID(), Outcome.NOT_STARTED);
            case REFUSED -> throw Failures.unable(QUEUE_FULL);
        }
    }

    /** @param task the name of the task in error messages */
    static ActionResult result(Runs.Ended ended, UUID task) {
        return switch (ended.outcome()) {
            case Outcome.Succeeded succeeded -> ActionResult.output(succeeded.output());
            case Outcome.Failed failed -> ActionResult.of(Failures.of(failed, task));
        };
    }

    /** Finds the connection and the function, or throws the contract's error for what is missing. */
    Work prepare(ActionCall call) {
        var connection = connections
                .find(call.environment(), call.integration(), call.connectionId())
                .orElseThrow(() -> Failure.plain(400, "unknown_connection", "Failed to find connection"));
        return prepare(connection, call.action(), call.input());
    }

    /** The same for a known connection. */
    Work prepare(Connection connection, String action, Optional<String> input) {
        var function = functions
                .find(connection.integrationId(), Kind.ACTION, action)
                .orElseThrow(() -> Failure.plain(404, "not_found", "Action not found"));
        if (!function.enabled()) {
            throw Failure.plain(404, "disabled_resource", "The action is disabled");
        }
        var environment = environments.get(connection.environmentId()).name();
        return new Work(function, connection, environment, input, Optional.empty());
    }
}
