package dev.millrace.server.record;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The endpoints to read and prune records. */
public final class RecordRoutes {
    private static final int PRUNE = 1_000;

    private final Records records;
    private final RecordParameters parameters;

    public RecordRoutes(Records records, ConnectionLookup connections, Clock clock) {
        this.records = records;
        this.parameters = new RecordParameters(connections, clock);
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/records", this::list, "environment:records:read"),
                Route.get("/records/models", this::models, "environment:records:read"),
                Route.patch("/records/prune", this::prune, "environment:records:write"));
    }

    private Response list(Request request) {
        var wanted = parameters.page(request);
        var page = records.list(wanted.address(), wanted.query(), () -> parameters.dataset(wanted.address()));
        return new Response.Whole(200, Map.of(), page.buffer(), page.length(), () -> records.done(page));
    }

    /** The size of each model's records. This endpoint is an addition to the reference's API. */
    private Response models(Request request) {
        request.noQuery();
        var body = Json.object();
        var models = body.putArray("models");
        for (var size : records.sizes(parameters.connection(request, RecordParameters.headers(request)))) {
            models.addObject()
                    .put("model", size.dataset().base())
                    .put("variant", size.dataset().variant())
                    .put("records", size.live())
                    .put("bytes", size.bytes())
                    .put("last_written_at", Times.text(Times.micros(size.lastWritten())));
        }
        return Response.ok(body);
    }

    private Response prune(Request request) {
        request.noQuery();
        var connection = RecordParameters.headers(request);
        var fields = request.bodyFields();
        var model = fields.text("model", Text.MODEL);
        var variant = fields.optionalText("variant", Text.NAME).orElse("base");
        var cursor = fields.text("until_cursor", RecordParameters.CURSOR);
        var until = RecordParameters.position(fields, "until_cursor", cursor);
        int limit = fields.optionalInt("limit", 1, RecordParameters.MOST).orElse(PRUNE);
        fields.end();
        var dataset = Dataset.of(parameters.connection(request, connection), model, variant);
        var pruned = records.prune(dataset, until.orElse(Position.START), limit);
        return Response.ok(Json.object().put("count", pruned.count()).put("has_more", pruned.hasMore()));
    }
}
