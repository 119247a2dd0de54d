package dev.millrace.server.function;

import dev.millrace.server.function.DeployInput.Deploy;
import dev.millrace.server.function.js.Compiler;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Deploys functions given as source text: compiles the text and deploys the result alone. Thread-safe. */
public final class SourceDeployments {
    /** The target of the compiler's bundles. */
    public static final String SDK_VERSION = "0.71.10-zero";

    private final Jobs jobs;
    private final Compiler compiler;
    private final Deploys deploys;

    public SourceDeployments(Jobs jobs, Compiler compiler, Deploys deploys) {
        this.jobs = jobs;
        this.compiler = compiler;
        this.deploys = deploys;
    }

    /** Registers the handler of the task. To be called before the schedule starts. */
    public void begin() {
        // A deployment and its success are committed together, so a lost one is repeated.
        jobs.handle(Jobs.Purpose.DEPLOYMENT, true, this::run);
    }

    private void run(Job job) throws InterruptedException {
        try {
            var deploy = deploy(job);
            if (!job.request().path("allowDestructive").asBoolean(false)) {
                refuseDestruction(job, deploy);
            }
            deploys.deployInTurn(
                    job.environment(),
                    deploy,
                    job.request().path("by").asString(""),
                    (handle, stored) -> jobs.succeed(handle, job, outcome(stored)));
        } catch (Failure failure) {
            jobs.fail(job, Job.error(failure, "deployment_error"));
        }
    }

    private Deploy deploy(Job job) throws InterruptedException {
        var request = job.request();
        var source = new Compiler.Source(
                request.path("code").asString(""),
                job.integration(),
                request.path("name").asString(""),
                Optional.of(job.functionType()));
        return asDeploy(
                compiler.compile(source),
                Optional.ofNullable(request.get("version")).map(v -> v.asString("")));
    }

    /**
     * A deploy of a single compiled function.
     *
     * @param version replaces the one that the code declares
     */
    static Deploy asDeploy(Compiler.Compiled compiled, Optional<String> version) {
        if (compiled.flows().path(0) instanceof ObjectNode flow) {
            version.ifPresent(v -> flow.put("version", v));
        }
        var body = Json.object()
                .put("reconcile", true)
                .put("debug", false)
                .put("deployMode", "single")
                .put("sdkVersion", SDK_VERSION)
                .put("source", "standalone")
                .put("nangoYamlBody", "");
        body.set("flowConfigs", compiled.flows());
        if (!compiled.onEvents().isEmpty()) {
            body.set("onEventScriptsByProvider", compiled.onEvents());
        }
        return DeployInput.read(Fields.of(Part.BODY, body), false);
    }

    /**
     * Removing a model from a sync that has connections leaves its records without a sync, so the caller has to confirm
     * it.
     */
    private void refuseDestruction(Job job, Deploy deploy) {
        var counts = deploys.hooks().counts(job.environment());
        for (var change : deploys.plan(job.environment(), deploy).flows()) {
            var key = change.draft().key();
            var dropped = new ArrayList<>(change.before().map(Function::models).orElse(List.of()));
            dropped.removeAll(change.draft().models());
            if (key.kind() == Kind.SYNC
                    && !dropped.isEmpty()
                    && counts.syncing().getOrDefault(key, 0) > 0) {
                throw Failure.plain(
                        400,
                        "destructive_deployment",
                        "The sync " + key.name() + " would no longer have the models " + String.join(", ", dropped)
                                + ", which connections have records of. Send allow_destructive: true to go on.");
            }
        }
    }

    private static ObjectNode outcome(List<Function> stored) {
        var outcome = Json.object().put("deployed", true);
        var list = outcome.putArray("deployed_functions");
        stored.forEach(f -> list.addObject().put("name", f.name()).put("version", f.version()));
        return outcome;
    }
}
