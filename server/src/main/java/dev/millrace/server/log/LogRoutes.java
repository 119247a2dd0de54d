package dev.millrace.server.log;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** The endpoints for logs (docs/guides/logs.md). They are an addition to the reference's API. */
public final class LogRoutes {
    private static final String SCOPE = "environment:logs:read";
    private static final Pattern UUIDS =
            Pattern.compile("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$");
    private static final Pattern NUMBERS = Pattern.compile("\\d{1,18}");
    private static final Text OPERATION_ID = new Text(0, 36, Optional.of(UUIDS));
    private static final int PAGE = 100;
    private static final int MOST = 1_000;

    private final Logs logs;
    private final LogSearch search;

    public LogRoutes(Logs logs, Database db) {
        this.logs = logs;
        this.search = new LogSearch(db);
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/logs/operations", this::operations, SCOPE),
                Route.get("/logs/operations/{id}", this::operation, SCOPE),
                Route.get("/logs/operations/{id}/lines", this::linesOfOperation, SCOPE),
                Route.get("/logs/lines", this::lines, SCOPE));
    }

    private record Asked(Filter filter, Optional<Cursor> cursor, int limit) {}

    private Response operations(Request request) {
        var asked = asked(request.query(), request.environment(), UUIDS);
        logs.flush();
        return answer(search.operations(asked.filter, asked.cursor, asked.limit));
    }

    private Response lines(Request request) {
        var asked = asked(request.query(), request.environment(), NUMBERS);
        logs.flush();
        return answer(search.lines(asked.filter, asked.cursor, asked.limit));
    }

    private Response operation(Request request) {
        request.noQuery();
        var body = Json.object();
        body.set("data", find(request));
        return Response.ok(body);
    }

    private Response linesOfOperation(Request request) {
        var fields = request.query();
        var filter = new Filter(
                request.environment(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                fields.optionalChoice("level", Level.words()),
                fields.optionalText("search", Text.SHORT),
                fields.optionalTime("from"),
                fields.optionalTime("to"));
        var cursor = cursor(fields, NUMBERS);
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PAGE);
        fields.end();
        var operation = find(request);
        var id = UUID.fromString(operation.path("id").asString());
        return answer(search.lines(id, filter, cursor, limit));
    }

    private ObjectNode find(Request request) {
        var path = request.path();
        var id = path.text("id", OPERATION_ID);
        path.end();
        logs.flush();
        return search.operation(request.environment(), UUID.fromString(id))
                .orElseThrow(() -> Failure.plain(
                        404, "not_found", "No operation '" + id + "' is logged; it may be older than logs are kept."));
    }

    private static Asked asked(Fields fields, long environment, Pattern ids) {
        var filter = new Filter(
                environment,
                fields.optionalChoice("kind", Operation.KINDS),
                fields.optionalChoice("status", Status.words()),
                fields.optionalText("provider_config_key", Text.INTEGRATION_ID),
                fields.optionalText("connection_id", Text.CONNECTION_ID),
                fields.optionalText("function", Text.SHORT),
                fields.optionalChoice("level", Level.words()),
                fields.optionalText("search", Text.SHORT),
                fields.optionalTime("from"),
                fields.optionalTime("to"));
        var cursor = cursor(fields, ids);
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PAGE);
        fields.end();
        return new Asked(filter, cursor, limit);
    }

    private static Optional<Cursor> cursor(Fields fields, Pattern ids) {
        return fields.optionalText("cursor", Text.SHORT).flatMap(text -> {
            var cursor = Cursor.parse(text, ids);
            if (cursor.isEmpty()) {
                fields.issue("invalid_format", "Invalid cursor: pass the next_cursor of the page before", "cursor");
            }
            return cursor;
        });
    }

    private static Response answer(LogSearch.Page page) {
        var body = Json.object();
        page.items().forEach(body.putArray("data")::add);
        return Response.ok(body.put("next_cursor", page.next().map(Cursor::text).orElse(null)));
    }
}
