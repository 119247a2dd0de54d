package dev.millrace.server.run;

import dev.millrace.server.function.BundleFunction;
import dev.millrace.server.function.js.ExecutionRequest;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.provider.Providers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Creates the host that answers a function's calls, and the data that the function gets at its start. */
final class ExecutionFactory {
    private static final Set<String> LEVELS = Set.of("debug", "info", "warn", "error", "off");

    private final Platform platform;
    private final Providers providers;
    private final Locks locks;
    private @Nullable FunctionCalls functionCalls;

    ExecutionFactory(Platform platform, Providers providers, Locks locks) {
        this.platform = platform;
        this.providers = providers;
        this.locks = locks;
    }

    /** Sets how functions call each other. To be called before the first run. */
    void connect(FunctionCalls calls) {
        functionCalls = calls;
    }

    /**
     * The host of a run.
     *
     * @param scope of the run
     * @param progressed called after a checkpoint was saved
     */
    Host host(
            HostScope scope,
            Work work,
            Logs.Log log,
            RecordCalls records,
            CheckpointCalls checkpoint,
            Runnable progressed) {
        var connections = new ConnectionCalls(platform, work, scope.run());
        return new Host(
                scope,
                work,
                log,
                connections,
                new HttpCalls(platform, connections, log),
                records,
                checkpoint,
                locks,
                Objects.requireNonNull(functionCalls, "connect() comes first"),
                progressed);
    }

    /**
     * The request for the worker.
     *
     * @param level lowest level of the function's own lines that is sent
     * @param workerWait longest time to wait for a worker
     */
    ExecutionRequest execution(
            Work work, Script script, ObjectNode properties, String level, Duration workerWait, Duration deadline) {
        return new ExecutionRequest(
                work.connection().environmentId(),
                script,
                work.type(),
                Json.text(properties),
                work.input(),
                paginate(work),
                level,
                workerWait,
                deadline,
                work.capabilities().map(BundleFunction.Capabilities::names).orElse(List.of()));
    }

    private Optional<String> paginate(Work work) {
        return providers
                .find(work.connection().provider())
                .flatMap(p -> Optional.ofNullable(p.definition().path("proxy").get("paginate")))
                .map(Json::text);
    }

    /** The value of the environment's variable {@code NANGO_LOGGER_LEVEL}. */
    String loggerLevel(Work work) {
        return platform.variables()
                .value(work.connection().environmentId(), "NANGO_LOGGER_LEVEL")
                .map(level -> level.toLowerCase(Locale.ROOT))
                .filter(LEVELS::contains)
                .orElse("warn");
    }
}
