package dev.millrace.server.action;

import dev.millrace.server.action.InvocationStore.Invocation;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Operation;
import dev.millrace.server.log.Status;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** Turns stored calls of bundle functions into work, as the functions are deployed when the calls run. Thread-safe. */
final class InvocationWork {
    private final Connections connections;
    private final Environments environments;
    private final Functions functions;
    private final InvocationInput inputs;
    private final Logs logs;
    private final Clock clock;

    InvocationWork(
            Connections connections,
            Environments environments,
            Functions functions,
            InvocationInput inputs,
            Logs logs,
            Clock clock) {
        this.connections = connections;
        this.environments = environments;
        this.functions = functions;
        this.inputs = inputs;
        this.logs = logs;
        this.clock = clock;
    }

    static boolean hasStarted(Runs.Ended ended) {
        return !(ended.outcome() instanceof Outcome.Failed failed)
                || !failed.type().equals(Outcome.NOT_STARTED);
    }

    Work of(Connection connection, Function function, ObjectNode argument) {
        var environment = environments.get(connection.environmentId()).name();
        return new Work(function, connection, environment, Optional.of(Json.text(argument)), Optional.empty());
    }

    /** @throws Failure when the call cannot run any more; it is logged if its input is the reason */
    Work of(Invocation invocation) {
        var connection = connections
                .find(invocation.connection())
                .orElseThrow(() -> InvocationOutcome.failure("The connection was deleted before the function started"));
        var function = functions
                .find(connection.integrationId(), Kind.FUNCTION, invocation.function())
                .orElseThrow(() -> InvocationOutcome.failure("The function was removed before it started"));
        if (!function.enabled()) {
            throw InvocationOutcome.failure("The function was disabled before it started");
        }
        var argument = invocation.argument();
        if (!invocation.checked()) {
            boolean all = invocation.debounce().isPresent() && InvocationWindows.takesAll(function);
            fillIn(connection, function, argument, all);
        }
        if (invocation.debounce().isPresent()) {
            argument.putObject("coalesced")
                    .put("count", invocation.calls())
                    .put("firstSeenAt", Times.utc(invocation.firstSeen()))
                    .put("lastSeenAt", Times.utc(invocation.lastSeen()));
        }
        return of(connection, function, argument);
    }

    /**
     * The event of a provider is the input of a function that declares one.
     *
     * @param all whether several events were collected, each of which has to satisfy the schema
     */
    private void fillIn(Connection connection, Function function, ObjectNode argument, boolean all) {
        if (function.input().isEmpty()) {
            return;
        }
        var body = argument.path("request").path("body");
        for (var part : all ? body.valueStream().toList() : List.of(body)) {
            inputs.refusal(function, part).ifPresent(refusal -> {
                logMiss(connection, function, refusal);
                throw refusal;
            });
        }
        argument.set("input", body);
    }

    private void logMiss(Connection connection, Function function, Failure refusal) {
        var operation = new Operation(
                UUID.randomUUID(),
                connection.environmentId(),
                "function",
                connection.integration(),
                connection.connectionId(),
                Optional.of(function.name()),
                Optional.empty(),
                clock.instant());
        try (var log = logs.open(operation)) {
            log.end(
                    Status.FAILED,
                    "The event does not satisfy the function's input schema, so it was not run",
                    Json.text(Errors.body(refusal).path("error")));
        }
    }
}
