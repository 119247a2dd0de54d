package dev.millrace.server.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.http.Times;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.util.RawValue;

/** Events to poll, deliveries to look at and to repeat, an API of our own (docs/guides/webhooks.md). */
public final class WebhookRoutes {
    private static final String READ = "environment:webhooks:read";
    private static final String REPLAY = "environment:webhooks:replay";
    private static final List<String> TYPES = List.of("auth", "sync", "async_action", "forward", "metadata");
    /** What may be sent again; what waits is sent anyway. */
    private static final List<String> ENDED = State.words().stream()
            .filter(word -> !word.equals(State.WAITING.word()))
            .toList();

    private static final Pattern UUIDS =
            Pattern.compile("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$");
    private static final Text ID = new Text(0, 36, Optional.of(UUIDS));
    private static final int PAGE = 100;
    private static final int MOST = 1_000;

    private final Deliveries deliveries;

    public WebhookRoutes(Deliveries deliveries) {
        this.deliveries = deliveries;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/webhooks/events", this::events, READ),
                Route.get("/webhooks/deliveries", this::list, READ),
                Route.post("/webhooks/deliveries/replay", this::replaySome, REPLAY),
                Route.post("/webhooks/deliveries/{id}/replay", this::replay, REPLAY));
    }

    private Response events(Request request) {
        var fields = request.query();
        var cursor = fields.optionalText("cursor", Text.SHORT).flatMap(text -> {
            var seq = seq(text);
            if (seq.isEmpty()) {
                invalidCursor(fields);
            }
            return seq;
        });
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PAGE);
        fields.end();
        long after = cursor.orElse(0L);
        var body = Json.object();
        var data = body.putArray("data");
        for (var told : deliveries.eventsAfter(request.environment(), after, limit)) {
            var item = data.addObject()
                    .put("id", told.id().toString())
                    .put("type", told.type())
                    .put("provider_config_key", told.integration())
                    .put("connection_id", told.connection())
                    .put("created_at", Times.utc(told.createdAt()));
            item.putRawValue("body", new RawValue(told.body()));
            after = told.seq();
        }
        return Response.ok(body.put("next_cursor", cursor(after)));
    }

    private static String cursor(long seq) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(("event " + seq).getBytes(US_ASCII));
    }

    private static Optional<Long> seq(String cursor) {
        try {
            var text = new String(Base64.getUrlDecoder().decode(cursor), US_ASCII);
            return text.startsWith("event ")
                    ? Optional.of(Long.parseLong(text.substring("event ".length())))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private Response list(Request request) {
        var fields = request.query();
        var filter = new DeliveryList.Filter(
                request.environment(),
                fields.optionalChoice("state", State.words()),
                fields.optionalChoice("type", TYPES),
                fields.optionalText("event_id", ID)
                        .filter(id -> UUIDS.matcher(id).matches())
                        .map(UUID::fromString),
                fields.optionalText("provider_config_key", Text.INTEGRATION_ID),
                fields.optionalText("connection_id", Text.CONNECTION_ID),
                time(fields, "from"),
                time(fields, "to"));
        var cursor = fields.optionalText("cursor", Text.SHORT).flatMap(text -> {
            var place = Place.parse(text);
            if (place.isEmpty()) {
                invalidCursor(fields);
            }
            return place;
        });
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PAGE);
        fields.end();
        var items = deliveries.list().page(filter, cursor.orElse(Place.FIRST), limit);
        var body = Json.object();
        var data = body.putArray("data");
        items.forEach(item -> data.add(item.shown()));
        var next = items.size() == limit ? items.getLast().place().cursor() : null;
        return Response.ok(body.put("next_cursor", next));
    }

    private static void invalidCursor(Fields fields) {
        fields.issue("invalid_format", "Invalid cursor: pass the next_cursor of the page before", "cursor");
    }

    private static Optional<Instant> time(Fields fields, String name) {
        return fields.optionalText(name, Text.SHORT).flatMap(text -> {
            try {
                return Optional.of(Instant.parse(text));
            } catch (DateTimeException _) {
                fields.issue(
                        "invalid_format",
                        "Invalid ISO datetime: expected one such as 2026-01-31T12:00:00Z, received '" + text + "'",
                        name);
                return Optional.empty();
            }
        });
    }

    private Response replay(Request request) {
        request.noQuery();
        var id = id(request.path());
        long environment = request.environment();
        if (deliveries.list().find(environment, id).isEmpty()) {
            throw Failure.plain(
                    404, "not_found", "No delivery '" + id + "' is known; it may be older than deliveries are kept.");
        }
        if (!deliveries.list().replay(environment, id)) {
            throw Failure.plain(409, "conflict", "The delivery is being sent at this moment.");
        }
        deliveries.wake();
        var body = Json.object();
        body.set("data", deliveries.list().find(environment, id).orElseGet(Json::object));
        return Response.ok(body);
    }

    private static UUID id(Fields path) {
        var id = path.text("id", ID);
        path.end();
        return UUID.fromString(id);
    }

    private Response replaySome(Request request) {
        request.noQuery();
        var fields = request.bodyFields();
        var since = fields.given("since") ? time(fields, "since") : missing(fields);
        var until = time(fields, "until");
        var words = fields.has("states") ? states(fields) : List.of(State.DEAD.word());
        fields.end();
        int count = deliveries
                .list()
                .replay(
                        request.environment(),
                        since.orElseThrow(),
                        until,
                        words.stream().map(State::of).toList());
        deliveries.wake();
        return Response.ok(Json.object().put("replayed", count));
    }

    private static Optional<Instant> missing(Fields fields) {
        fields.text("since", Text.SHORT);
        return Optional.empty();
    }

    private static List<String> states(Fields fields) {
        var words = fields.texts("states", Text.SHORT);
        IntStream.range(0, words.size())
                .filter(i -> !ENDED.contains(words.get(i)))
                .forEach(i -> fields.issue(
                        "invalid_value", "Invalid option: expected one of " + ENDED, "states", String.valueOf(i)));
        return words;
    }
}
