package dev.millrace.server.record;

import dev.millrace.server.http.Answer;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The endpoints by which applications read and prune records (http-api §11). */
public final class RecordRoutes {
    private static final Text CURSOR = Text.between(1, 1_000);
    private static final Text ID = Text.between(1, 256);
    private static final Pattern ISO_UTC =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}T(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?Z");
    private static final Duration OLDEST = Duration.ofDays(365);
    private static final int MOST = 10_000;
    private static final int MOST_IDS = 100;
    private static final int PAGE = 100;
    private static final int PRUNE = 1_000;

    private final Records records;
    private final ConnectionLookup connections;
    private final Clock clock;

    public RecordRoutes(Records records, ConnectionLookup connections, Clock clock) {
        this.records = records;
        this.connections = connections;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/records", this::list, "environment:records:read"),
                Route.get("/records/models", this::models, "environment:records:read"),
                Route.patch("/records/prune", this::prune, "environment:records:write"));
    }

    private Answer list(Request request) {
        var fields = queryFields(request);
        var model = fields.text("model", Text.MODEL);
        var variant = fields.optionalText("variant", Text.NAME).orElse("base");
        var modifiedAfter = time(fields, "modified_after");
        var delta = time(fields, "delta");
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PAGE);
        var actions = actions(fields);
        var cursor = fields.optionalText("cursor", CURSOR).flatMap(text -> position(fields, "cursor", text));
        var ids = ids(fields);
        boolean strict = fields.wordFlag("strict", false);
        fields.end();
        var query = new RecordQuery(cursor, limit, actions, delta.or(() -> modifiedAfter), ids, strict);
        var dataset = Dataset.of(connection(request), model, variant);
        return Answer.json(200, records.list(dataset, query).json());
    }

    /** What is held of each model: an endpoint of our own. */
    private Answer models(Request request) {
        request.noQuery();
        var body = Json.object();
        var models = body.putArray("models");
        for (var held : records.held(connection(request))) {
            models.addObject()
                    .put("model", held.dataset().base())
                    .put("variant", held.dataset().variant())
                    .put("records", held.live())
                    .put("bytes", held.bytes())
                    .put("last_written_at", Times.text(Times.micros(held.lastWritten())));
        }
        return Answer.ok(body);
    }

    private Answer prune(Request request) {
        request.noQuery();
        var connection = headers(request);
        var fields = request.bodyFields();
        var model = fields.text("model", Text.MODEL);
        var variant = fields.optionalText("variant", Text.NAME).orElse("base");
        var until = position(fields, "until_cursor", fields.text("until_cursor", CURSOR));
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PRUNE);
        fields.end();
        var dataset = Dataset.of(connection(request, connection), model, variant);
        var pruned = records.prune(dataset, until.orElse(Position.START), limit);
        return Answer.ok(Json.object().put("count", pruned.count()).put("has_more", pruned.hasMore()));
    }

    /** The query with a single id made a list of one. */
    private static Fields queryFields(Request request) {
        var tree = request.queryTree();
        var ids = tree.get("ids");
        if (ids != null && ids.isString()) {
            tree.set("ids", Json.array().add(ids));
        }
        return Fields.of(Part.QUERY, tree);
    }

    private static Optional<Position> position(Fields fields, String name, String text) {
        var position = Position.parse(text);
        // What is missing or of the wrong length is reported already.
        if (position.isEmpty() && !text.isEmpty() && text.length() <= CURSOR.max()) {
            fields.issue("invalid_format", "Invalid cursor", name);
        }
        return position;
    }

    private Optional<Long> time(Fields fields, String name) {
        return fields.optionalText(name, Text.ANY).flatMap(text -> {
            var micros = ISO_UTC.matcher(text).matches() ? parse(text) : Optional.<Long>empty();
            if (micros.isEmpty()) {
                fields.issue("invalid_format", "Invalid ISO datetime", name);
            }
            long oldest = Times.micros(clock.instant().minus(OLDEST));
            if (micros.isEmpty() || micros.get() < oldest) {
                fields.issue("custom", "must be within the last 12 months", name);
            }
            return micros;
        });
    }

    private static Optional<Long> parse(String text) {
        try {
            return Optional.of(Times.micros(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Set<Action> actions(Fields fields) {
        var actions = EnumSet.noneOf(Action.class);
        var named = fields.optionalText("filter", Text.ANY).map(text -> text.split(",", -1));
        if (named.isEmpty()) {
            return actions;
        }
        for (int i = 0; i < named.get().length; i++) {
            var name = named.get()[i];
            var action = Arrays.stream(Action.values())
                    .filter(a -> name.equals(a.name()) || name.equals(lower(a)))
                    .findFirst();
            action.ifPresent(actions::add);
            if (action.isEmpty()) {
                fields.issue("invalid_value", "Invalid option: expected one of " + choices(), "filter", "" + i);
            }
        }
        return actions;
    }

    private static String choices() {
        var lower = Arrays.stream(Action.values()).map(RecordRoutes::lower);
        var upper = Arrays.stream(Action.values()).map(Action::name);
        return Stream.concat(lower, upper).map(name -> '"' + name + '"').collect(Collectors.joining("|"));
    }

    private static String lower(Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> ids(Fields fields) {
        int count = fields.any("ids").map(JsonNode::size).orElse(0);
        if (count > MOST_IDS) {
            fields.issue("too_big", "Too big: expected array to have <=" + MOST_IDS + " items", "ids");
        }
        return fields.optionalTexts("ids", ID);
    }

    /** The connection's names in the headers. */
    private record Named(String integration, String connection) {}

    private static Named headers(Request request) {
        var fields = request.headerFields("Connection-Id", "Provider-Config-Key");
        var connection = fields.text("connection-id", Text.CONNECTION_ID);
        var integration = fields.text("provider-config-key", Text.INTEGRATION_ID);
        fields.end();
        return new Named(integration, connection);
    }

    private long connection(Request request) {
        return connection(request, headers(request));
    }

    private long connection(Request request, Named named) {
        return connections
                .find(request.environment(), named.integration, named.connection)
                .orElseThrow(() -> Failure.plain(
                        400,
                        "unknown_connection",
                        "Provided ConnectionId and ProviderConfigKey does not match a valid connection"));
    }
}
