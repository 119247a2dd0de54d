package dev.millrace.server.cluster;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Times;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Endpoints for load balancers and operators: liveness, readiness, the list of servers. */
public final class ClusterRoutes {
    private final Cluster cluster;
    private final Readiness readiness;
    private final BooleanSupplier started;

    /** @param started whether the start is complete */
    public ClusterRoutes(Cluster cluster, Readiness readiness, BooleanSupplier started) {
        this.cluster = cluster;
        this.readiness = readiness;
        this.started = started;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/health", _ -> Response.ok(Json.object().put("result", "ok")))
                        .whateverTheLoad(),
                Route.get("/ready", _ -> ready()).whateverTheLoad(),
                Route.get("/cluster", this::servers).withAnyKey());
    }

    private Response ready() throws InterruptedException {
        if (!started.getAsBoolean()) {
            return Response.json(503, Json.object().put("result", "not ready"));
        }
        var outage = readiness.outage();
        if (outage.isEmpty()) {
            return Response.ok(Json.object().put("result", "ok"));
        }
        var body = Json.object().put("result", "not ready");
        body.putObject("error")
                .put("code", outage.get().code())
                .put("message", outage.get().message());
        return Response.json(503, body);
    }

    private Response servers(Request request) {
        request.noQuery();
        var body = Json.object();
        var list = body.putArray("servers");
        for (var server : cluster.servers()) {
            list.addObject()
                    .put("node", server.node())
                    .put("version", server.version())
                    .put("started_at", Times.utc(server.startedAt()))
                    .put("last_seen_at", Times.utc(server.seenAt()));
        }
        return Response.ok(body);
    }
}
