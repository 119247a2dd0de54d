package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integrations;
import java.util.List;
import java.util.Optional;

/** {@code /functions/deployments}: deploys a single function given as source text. */
public final class DeploymentRoutes {
    private static final String DEPLOYMENTS = "/functions/deployments";
    private static final List<String> KINDS = List.of("sync", "action", "on-event");

    private final Jobs jobs;
    private final Functions functions;
    private final Integrations integrations;

    public DeploymentRoutes(Jobs jobs, Functions functions, Integrations integrations) {
        this.jobs = jobs;
        this.functions = functions;
        this.integrations = integrations;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(DEPLOYMENTS, this::deploy, "environment:deploy"),
                Route.get(DEPLOYMENTS + "/{id}", this::look, "environment:deploy"),
                Route.post(DEPLOYMENTS + "/{id}/result", _ -> {
                            throw JobRequests.sandboxOnly();
                        })
                        .withAnyKey());
    }

    private Response deploy(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var type = body.choice("type", List.of("function", "template"));
        return type.equals("template") ? template(request, body) : function(request, body);
    }

    private Response function(Request request, Fields body) {
        var integrationId = body.text("integration_id", Text.INTEGRATION_ID);
        var name = body.text("function_name", Text.NAME);
        var kind = body.choice("function_type", KINDS);
        var code = body.text("code", Text.between(1, Integer.MAX_VALUE));
        var version = body.optionalText("version", Text.SHORT);
        var destructive = body.optionalFlag("allow_destructive", false);
        body.end();
        var integration = integrations
                .find(request.environment(), integrationId)
                .orElseThrow(() -> JobRequests.unknownIntegration(integrationId));
        functions.named(integration.id(), name, Optional.of(Kind.of(kind))).stream()
                .filter(f -> f.source().equals("repo"))
                .findAny()
                .ifPresent(f -> {
                    throw Failure.plain(
                            400,
                            "invalid_request",
                            "The " + kind + " " + name
                                    + " was deployed from a project. Change it there and deploy the project again.");
                });
        var asked = Json.object()
                .put("name", name)
                .put("code", code)
                .put("allowDestructive", destructive)
                .put("by", request.caller().key());
        version.ifPresent(v -> asked.put("version", v));
        var job = jobs.add(Jobs.Purpose.DEPLOYMENT, request.environment(), integrationId, kind, asked);
        return Response.json(202, job.accepted());
    }

    private Response template(Request request, Fields body) {
        var integrationId = body.text("integration_id", Text.INTEGRATION_ID);
        var template = body.text("template", Text.SHORT);
        body.optionalChoice("function_type", KINDS);
        body.end();
        if (integrations.find(request.environment(), integrationId).isEmpty()) {
            throw JobRequests.unknownIntegration(integrationId);
        }
        throw Failure.plain(
                404, "template_not_found", "There is no template " + template + ": this server has no catalogue.");
    }

    private Response look(Request request) {
        request.noQuery();
        return jobs.find(Jobs.Purpose.DEPLOYMENT, request.environment(), JobRequests.id(request))
                .map(job -> Response.ok(job.shown()))
                .orElseThrow(() -> Failure.plain(
                        404, "deployment_not_found", "Deployment '" + request.variable("id") + "' was not found"));
    }
}
