package dev.millrace.server.sync;

import dev.millrace.server.action.InvocationArgument;
import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.BundleFunction;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.ScriptType;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import dev.millrace.server.schedule.Schedule;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the functions of a connection's events, by the tasks that they belong to. Thread-safe. */
public final class EventFunctions {
    private static final Logger LOG = LoggerFactory.getLogger(EventFunctions.class);

    private final Database db;
    private final Runs runs;
    private final Connections connections;
    private final Environments environments;
    private final Functions functions;
    private final Schedule schedule;

    public EventFunctions(
            Database db,
            Runs runs,
            Connections connections,
            Environments environments,
            Functions functions,
            Schedule schedule) {
        this.db = db;
        this.runs = runs;
        this.connections = connections;
        this.environments = environments;
        this.functions = functions;
        this.schedule = schedule;
    }

    /** Those of the connection that are enabled. */
    List<Function> of(Connection connection, String event) {
        return functions.ofIntegration(connection.integrationId()).stream()
                .filter(f -> isEvent(f, event))
                .toList();
    }

    static boolean isEvent(Function function, String event) {
        return function.enabled()
                && switch (function.kind()) {
                    case ON_EVENT -> function.event().equals(event);
                    case FUNCTION ->
                        BundleFunction.of(function).trigger() instanceof BundleFunction.Trigger.Event(var events)
                                && events.contains(event);
                    case SYNC, ACTION -> false;
                };
    }

    Runs.Ended run(Schedule.Claim claim, Function function, Connection connection, String event)
            throws InterruptedException {
        var environment = environments.get(connection.environmentId()).name();
        var input = function.kind() == Kind.FUNCTION
                ? Optional.of(Json.text(InvocationArgument.event(InvocationArgument.Target.of(connection), event)))
                : Optional.<String>empty();
        var work = new Work(function, connection, environment, input, Optional.empty());
        return runs.execute(work.of(claim), ScriptType.ON_EVENT.longestWait());
    }

    /** Runs all of an event; a failure is in its log and nothing else. */
    void runAll(Schedule.Claim claim, Connection connection, String event) throws InterruptedException {
        for (var function : of(connection, event)) {
            if (run(claim, function, connection, event).lost()) {
                LOG.warn("{} of {} was lost; it is not run again", function.name(), connection);
            }
        }
    }

    /** Executes a task claimed by this process; the caller waits for its end. */
    <T> T perform(Schedule.Claim claim, Callable<T> work) throws InterruptedException {
        try {
            return schedule.run(claim, work);
        } catch (LeaseLost _) {
            throw Failure.unavailable(
                    LeaseLost.CODE,
                    "This server was silent for too long, so another one continues the request. Read the"
                            + " connection before you send the request again.");
        }
    }

    /** Takes up a task whose id begins with a connection's; ends it when the connection is gone. */
    Optional<Connection> begin(Schedule.Claim claim) {
        var connection = connections.find(Long.parseLong(claim.id().split(":", 2)[0]));
        db.useTransaction(handle -> {
            claim.check(handle);
            runs.takeOver(handle, claim);
            if (connection.isEmpty()) {
                schedule.finish(handle, claim);
            }
        });
        return connection;
    }
}
