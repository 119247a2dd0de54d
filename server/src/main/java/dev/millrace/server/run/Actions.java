package dev.millrace.server.run;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.runtime.Outcome;
import dev.millrace.server.function.runtime.ScriptType;
import dev.millrace.server.http.Failure;
import java.util.Optional;

/** Runs actions for callers who wait (functions §14.1): at once, on this process. Thread-safe. */
public final class Actions {
    private final Connections connections;
    private final Environments environments;
    private final Functions functions;
    private final Runs runs;

    public Actions(Connections connections, Environments environments, Functions functions, Runs runs) {
        this.connections = connections;
        this.environments = environments;
        this.functions = functions;
        this.runs = runs;
    }

    /**
     * @param input JSON text
     * @return the output, JSON text
     * @throws Failure in the contract's shapes
     */
    public byte[] trigger(
            long environment, String integration, String connectionId, String action, Optional<String> input)
            throws InterruptedException {
        var connection = connections
                .find(environment, integration, connectionId)
                .orElseThrow(() -> Failure.plain(400, "unknown_connection", "Failed to find connection"));
        var function = functions
                .find(connection.integrationId(), Kind.ACTION, action)
                .orElseThrow(() -> Failure.plain(404, "not_found", "Action not found"));
        if (!function.enabled()) {
            throw Failure.plain(404, "disabled_resource", "The action is disabled");
        }
        var work = new Work(
                ScriptType.ACTION,
                function,
                connection,
                environments.get(environment).name(),
                input,
                Optional.empty());
        return switch (runs.execute(work).outcome()) {
            case Outcome.Succeeded succeeded -> succeeded.output();
            case Outcome.Failed failed -> throw Failures.of(failed);
        };
    }
}
