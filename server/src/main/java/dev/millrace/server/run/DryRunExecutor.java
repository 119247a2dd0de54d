package dev.millrace.server.run;

import dev.millrace.server.function.js.FunctionHost;
import dev.millrace.server.function.js.FunctionRuntime;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Secrets;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** Executes code that is not stored, without recording a run. Thread-safe. */
public final class DryRunExecutor {
    private static final long NO_RUN = 0;
    private static final String LEVEL = "debug";

    private final ExecutionFactory executions;
    private final RunStore store;
    private final Checkpoints checkpoints;
    private final FunctionRuntime runtime;
    private final Platform platform;
    private final Logs logs;
    private final BooleanSupplier stopping;

    DryRunExecutor(
            ExecutionFactory executions,
            RunStore store,
            Checkpoints checkpoints,
            FunctionRuntime runtime,
            Platform platform,
            Logs logs,
            BooleanSupplier stopping) {
        this.executions = executions;
        this.store = store;
        this.checkpoints = checkpoints;
        this.runtime = runtime;
        this.platform = platform;
        this.logs = logs;
        this.stopping = stopping;
    }

    /**
     * Executes on this thread until the function ends; an interrupt cancels it.
     *
     * @param properties replace those of the work
     * @param with wraps the host
     */
    public Outcome execute(
            Work work,
            UUID operation,
            Script script,
            ObjectNode properties,
            Duration deadline,
            UnaryOperator<FunctionHost> with)
            throws InterruptedException {
        try (var log = logs.open(work.operation(operation, platform.clock().instant()))) {
            log.conceal(() -> Secrets.in(work.connection().credentials().json()));
            var validation = new Validation(work, platform.checks(), platform.settings());
            var pin = new MetadataPin(store, NO_RUN, () -> false);
            var records = new RecordCalls(platform, work, log, NO_RUN, false, pin, validation);
            var host = executions.host(
                    HostScope.NONE, work, log, records, new CheckpointCalls(checkpoints, work), () -> {});
            var execution = executions.execution(
                    work, script, properties, LEVEL, work.type().longestWait(), deadline);
            Outcome outcome = null;
            try {
                outcome = runtime.execute(execution, with.apply(host));
                return outcome;
            } finally {
                var status = RunEndings.status(outcome, stopping.getAsBoolean());
                log.end(status, RunEndings.message(status), null);
            }
        }
    }
}
