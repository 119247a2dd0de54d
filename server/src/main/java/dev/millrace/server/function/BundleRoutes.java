package dev.millrace.server.function;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** The endpoint {@code /functions/deployments/bundle} and its preview. */
public final class BundleRoutes {
    private static final String BUNDLE = "/functions/deployments/bundle";

    private final Bundles bundles;

    public BundleRoutes(Bundles bundles) {
        this.bundles = bundles;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(BUNDLE + "/preview", this::preview, "environment:deploy"),
                Route.post(BUNDLE, this::deploy, "environment:deploy"));
    }

    private Response preview(Request request) {
        request.noQuery();
        return Response.ok(show(bundles.plan(request.environment(), BundleInput.read(request.bodyFields()))));
    }

    private Response deploy(Request request) throws InterruptedException {
        request.noQuery();
        var bundle = BundleInput.read(request.bodyFields());
        return Response.ok(show(
                bundles.deploy(request.environment(), bundle, request.caller().key())));
    }

    private static ObjectNode show(Bundles.Plan plan) {
        var answer = Json.object();
        list(
                answer,
                "created",
                plan.created().stream().map(change -> change.draft().key()));
        list(
                answer,
                "updated",
                plan.updated().stream().map(change -> change.draft().key()));
        list(answer, "unchanged", plan.unchanged().stream().map(Draft::key));
        list(answer, "deleted", plan.deleted().stream().map(Function::key));
        return answer;
    }

    private static void list(ObjectNode answer, String name, Stream<Function.Key> keys) {
        var list = answer.putArray(name);
        keys.forEach(
                key -> list.addObject().put("integrationId", key.integration()).put("name", key.name()));
    }
}
