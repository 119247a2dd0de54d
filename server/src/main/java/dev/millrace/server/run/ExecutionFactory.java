package dev.millrace.server.run;

import dev.millrace.server.function.js.ExecutionRequest;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.provider.Providers;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a function finds around it: the platform that answers its calls, and what it is told at its start. */
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

    /** Connects functions with each other; before the first run. */
    void connect(FunctionCalls calls) {
        functionCalls = calls;
    }

    /**
     * Who answers the calls of a run.
     *
     * @param scope in whose name
     * @param progressed is told after a checkpoint was saved
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
     * What a worker executes.
     *
     * @param level from which on the function's own lines are sent at all
     * @param patience longest time to wait for a worker
     */
    ExecutionRequest execution(
            Work work, Script script, ObjectNode properties, String level, Duration patience, Duration deadline) {
        return new ExecutionRequest(
                work.connection().environmentId(),
                script,
                work.kind(),
                Json.text(properties),
                work.input(),
                paginate(work),
                level,
                patience,
                deadline);
    }

    private Optional<String> paginate(Work work) {
        return providers
                .find(work.connection().provider())
                .flatMap(p -> Optional.ofNullable(p.definition().path("proxy").get("paginate")))
                .map(Json::text);
    }

    /** What the environment's variable {@code NANGO_LOGGER_LEVEL} says. */
    String loggerLevel(Work work) {
        return platform.variables()
                .value(work.connection().environmentId(), "NANGO_LOGGER_LEVEL")
                .map(level -> level.toLowerCase(Locale.ROOT))
                .filter(LEVELS::contains)
                .orElse("warn");
    }
}
