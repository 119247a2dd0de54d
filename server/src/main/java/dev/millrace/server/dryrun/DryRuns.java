package dev.millrace.server.dryrun;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Job;
import dev.millrace.server.function.Jobs;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.ScriptType;
import dev.millrace.server.function.SourceFunction;
import dev.millrace.server.function.js.Compiler;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.run.Failures;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Executes functions given as source text on a connection, without storing their results. Thread-safe. */
public final class DryRuns {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Jobs jobs;
    private final Compiler compiler;
    private final Runs runs;
    private final Connections connections;
    private final Environments environments;
    private final Clock clock;

    public DryRuns(
            Jobs jobs, Compiler compiler, Runs runs, Connections connections, Environments environments, Clock clock) {
        this.jobs = jobs;
        this.compiler = compiler;
        this.runs = runs;
        this.connections = connections;
        this.environments = environments;
        this.clock = clock;
    }

    /** Registers the handler of the task. To be called before the schedule starts. */
    public void begin() {
        // A dry run has real effects at the provider, so a lost one is not repeated automatically.
        jobs.handle(Jobs.Purpose.DRYRUN, false, this::run);
    }

    private void run(Job job) throws InterruptedException {
        try {
            var connection = connections
                    .find(
                            job.environment(),
                            job.integration(),
                            job.request().path("connectionId").asString(""))
                    .orElseThrow(() ->
                            Failure.plain(404, "connection_not_found", "The connection does not exist any more."));
            run(job, connection, compiled(job, connection));
        } catch (Failure failure) {
            jobs.fail(job, Job.error(failure, "dryrun_error"));
        }
    }

    private SourceFunction compiled(Job job, Connection connection) throws InterruptedException {
        var source = new Compiler.Source(
                job.request().path("code").asString(""), job.integration(), "dryrun", Optional.of(job.functionType()));
        return SourceFunction.of(
                job.environment(), connection.integrationId(), compiler.compile(source), clock.instant());
    }

    private void run(Job job, Connection connection, SourceFunction source) throws InterruptedException {
        var work = work(job, connection, source);
        var output = new DryOutput();
        var metadata = Optional.ofNullable(job.request().get("metadata"))
                .filter(_ -> work.type() == ScriptType.SYNC)
                .map(m -> (ObjectNode) m);
        var checkpoint = Optional.ofNullable(job.request().get("checkpoint")).map(Json::text);
        var dry = new AtomicReference<DryHost>();
        var outcome = runs.executor()
                .execute(work, job.id(), source.script(), properties(job, work), LIMIT, platform -> {
                    dry.set(new DryHost(platform, work, output, metadata, checkpoint));
                    return dry.get();
                });
        switch (outcome) {
            case Outcome.Succeeded succeeded ->
                jobs.succeed(job, success(work, succeeded, output, dry.get().checkpoint()));
            case Outcome.Failed failed -> jobs.fail(job, failure(job, failed).put("output", output.text()));
        }
    }

    private Work work(Job job, Connection connection, SourceFunction source) {
        var since = Optional.ofNullable(job.request().get("lastSyncDate")).map(d -> Instant.parse(d.asString("")));
        var sync = source.function().kind() == Kind.SYNC
                ? Optional.of(new Work.Sync(
                        UUID.randomUUID(),
                        "base",
                        since,
                        false,
                        false,
                        false,
                        OptionalLong.empty(),
                        Optional.empty(),
                        _ -> false))
                : Optional.<Work.Sync>empty();
        return new Work(
                source.function(),
                connection,
                environments.get(job.environment()).name(),
                Optional.ofNullable(job.request().get("input")).map(Json::text),
                sync);
    }

    /** The attributes of the function, as the official CLI provides them. */
    private static ObjectNode properties(Job job, Work work) {
        var properties = work.properties(job.id(), 0)
                .put("activityLogId", "")
                .put("environmentId", -1)
                .put("isCLI", true);
        if (work.type() == ScriptType.SYNC) {
            properties.put("syncId", "dryrun-sync").put("syncJobId", -1);
        }
        return properties;
    }

    private static ObjectNode success(
            Work work, Outcome.Succeeded succeeded, DryOutput output, Optional<String> checkpoint) {
        var outcome = Json.object().put("output", output.text());
        JsonNode result;
        if (work.type() == ScriptType.ACTION) {
            result = Json.parseSaid(succeeded.output());
        } else {
            var records = output.records();
            checkpoint.ifPresent(c -> records.set("checkpoint", Json.parse(c)));
            result = records;
        }
        outcome.set("result", result);
        return outcome;
    }

    private static ObjectNode failure(Job job, Outcome.Failed failed) {
        if (failed.type().equals(Outcome.OVERRAN)) {
            return Job.error("timeout", "The function ran longer than " + LIMIT.toMinutes() + " minutes.");
        }
        var payload = Json.parse(failed.payload());
        var said = payload.path("message");
        var message = said.isString()
                ? said.stringValue()
                : String.valueOf(Failures.of(failed, job.id()).getMessage());
        return Job.error("dryrun_error", message, Failures.stored(failed));
    }
}
