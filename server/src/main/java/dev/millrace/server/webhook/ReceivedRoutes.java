package dev.millrace.server.webhook;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.webhook.ReceivedList.Place;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Routes that list and replay received webhooks. This API is specific to Millrace: docs/guides/webhooks-in.md. */
public final class ReceivedRoutes {
    private static final String READ = "environment:webhooks:read";
    private static final String REPLAY = "environment:webhooks:replay";
    private static final Text ID = new Text(
            0,
            36,
            Optional.of(
                    Pattern.compile("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")));
    private static final int PAGE = 100;
    private static final int MOST = 1_000;

    private final ReceivedList list;

    public ReceivedRoutes(ReceivedList list) {
        this.list = list;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/webhooks/received", this::list, READ),
                Route.get("/webhooks/received/{id}", this::read, READ),
                Route.post("/webhooks/received/{id}/replay", this::replay, REPLAY));
    }

    private Response list(Request request) {
        var fields = request.query();
        var filter = new ReceivedList.Filter(
                request.environment(),
                fields.optionalChoice("state", ReceivedList.STATES),
                fields.optionalText("provider_config_key", Text.INTEGRATION_ID),
                fields.optionalText("connection_id", Text.CONNECTION_ID),
                fields.optionalTime("from"),
                fields.optionalTime("to"));
        var cursor = fields.optionalText("cursor", Text.SHORT).flatMap(text -> {
            var place = Place.parse(text);
            if (place.isEmpty()) {
                fields.issue("invalid_format", "Invalid cursor: pass the next_cursor of the page before", "cursor");
            }
            return place;
        });
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PAGE);
        fields.end();
        var items = list.page(filter, cursor.orElse(Place.FIRST), limit);
        var body = Json.object();
        var data = body.putArray("data");
        items.forEach(item -> data.add(item.shown()));
        return Response.ok(body.put(
                "next_cursor", items.size() == limit ? items.getLast().place().cursor() : null));
    }

    private Response read(Request request) {
        request.noQuery();
        var id = id(request);
        return shown(request, id);
    }

    private Response shown(Request request, UUID id) {
        var found = list.find(request.environment(), id).orElseThrow(() -> unknown(id));
        var body = Json.object();
        body.set("data", found);
        return Response.ok(body);
    }

    private Response replay(Request request) throws InterruptedException {
        request.noQuery();
        var id = id(request);
        if (!list.replay(request.environment(), id)) {
            throw unknown(id);
        }
        return shown(request, id);
    }

    private static UUID id(Request request) {
        var path = request.path();
        var id = path.text("id", ID);
        path.end();
        return UUID.fromString(id);
    }

    private static Failure unknown(UUID id) {
        return Failure.plain(
                404, "not_found", "No received webhook '" + id + "' is known; it may be older than they are kept.");
    }
}
