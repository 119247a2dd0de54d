package dev.millrace.server.dryrun;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.function.JobRequests;
import dev.millrace.server.function.Jobs;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integrations;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** The endpoints below {@code /functions/dryruns}. */
public final class DryRunRoutes {
    private static final String DRY_RUNS = "/functions/dryruns";
    private static final String SCOPE = "environment:functions:dryrun";

    private final Jobs jobs;
    private final Integrations integrations;
    private final Connections connections;

    public DryRunRoutes(Jobs jobs, Integrations integrations, Connections connections) {
        this.jobs = jobs;
        this.integrations = integrations;
        this.connections = connections;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(DRY_RUNS, this::start, SCOPE),
                Route.get(DRY_RUNS + "/{id}", this::look, SCOPE),
                Route.post(DRY_RUNS + "/{id}/result", _ -> {
                            throw JobRequests.sandboxOnly();
                        })
                        .withAnyKey());
    }

    private Response start(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var integration = body.text("integration_id", Text.INTEGRATION_ID);
        var type = body.choice("function_type", List.of("sync", "action", "on-event"));
        var asked = Json.object().put("code", body.text("code", Text.between(1, Integer.MAX_VALUE)));
        var connection = body.text("connection_id", Text.CONNECTION_ID);
        asked.put("connectionId", connection);
        body.passedOn("input").filter(i -> !i.isNull()).ifPresent(i -> asked.set("input", i));
        body.optionalRecord("metadata").ifPresent(m -> asked.set("metadata", m));
        body.optionalRecord("checkpoint").ifPresent(c -> asked.set("checkpoint", c));
        time(body, "last_sync_date").ifPresent(d -> asked.put("lastSyncDate", d));
        body.end();
        if (integrations.find(request.environment(), integration).isEmpty()) {
            throw JobRequests.unknownIntegration(integration);
        }
        if (connections.find(request.environment(), integration, connection).isEmpty()) {
            throw Failure.plain(404, "connection_not_found", "Connection '" + connection + "' was not found");
        }
        var job = jobs.add(Jobs.Purpose.DRYRUN, request.environment(), integration, type, asked);
        return Response.json(202, job.accepted());
    }

    /** Converts a time with an offset to UTC. */
    private static Optional<String> time(Fields body, String name) {
        var given = body.optionalText(name, Text.ANY);
        try {
            return given.map(text -> OffsetDateTime.parse(text).toInstant().toString());
        } catch (DateTimeException _) {
            body.issue("invalid_format", "Invalid ISO datetime", name);
            return Optional.empty();
        }
    }

    private Response look(Request request) {
        request.noQuery();
        return jobs.find(Jobs.Purpose.DRYRUN, request.environment(), JobRequests.id(request))
                .map(job -> Response.ok(job.shown()))
                .orElseThrow(() -> Failure.plain(
                        404, "dryrun_not_found", "Dry run '" + request.variable("id") + "' was not found"));
    }
}
