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
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.util.RawValue;

/**
 * The endpoints for polling events and for listing and replaying deliveries (docs/guides/webhooks.md). They are an
 * addition to the reference's API.
 */
public final class WebhookRoutes {
    private static final String READ = "environment:webhooks:read";
    private static final String REPLAY = "environment:webhooks:replay";
    private static final List<String> TYPES = List.of("auth", "sync", "async_action", "forward", "metadata");
    /** The states that can be replayed: all but {@code waiting}, since waiting deliveries are sent anyway. */
    private static final List<String> REPLAYABLE = State.codes().stream()
            .filter(code -> !code.equals(State.WAITING.code()))
            .toList();

    private static final Pattern UUID_PATTERN =
            Pattern.compile("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$");
    private static final Text ID = new Text(0, 36, Optional.of(UUID_PATTERN));
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;

    private final Deliveries deliveries;

    public WebhookRoutes(Deliveries deliveries) {
        this.deliveries = deliveries;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/webhooks/events", this::events, READ),
                Route.get("/webhooks/deliveries", this::list, READ),
                Route.post("/webhooks/deliveries/replay", this::replayRange, REPLAY),
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
        int limit = fields.optionalInt("limit", 1, MAX_LIMIT).orElse(DEFAULT_LIMIT);
        fields.end();
        long after = cursor.orElse(0L);
        var body = Json.object();
        var data = body.putArray("data");
        for (var event : deliveries.eventsAfter(request.environment(), after, limit)) {
            var item = data.addObject()
                    .put("id", event.id().toString())
                    .put("type", event.type())
                    .put("provider_config_key", event.integration())
                    .put("connection_id", event.connection())
                    .put("created_at", Times.utc(event.createdAt()));
            item.putRawValue("body", new RawValue(event.body()));
            after = event.seq();
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
                fields.optionalChoice("state", State.codes()),
                fields.optionalChoice("type", TYPES),
                fields.optionalText("event_id", ID)
                        .filter(id -> UUID_PATTERN.matcher(id).matches())
                        .map(UUID::fromString),
                fields.optionalText("provider_config_key", Text.INTEGRATION_ID),
                fields.optionalText("connection_id", Text.CONNECTION_ID),
                fields.optionalTime("from"),
                fields.optionalTime("to"));
        var cursor = fields.optionalText("cursor", Text.SHORT).flatMap(text -> {
            var start = DeliveryCursor.parse(text);
            if (start.isEmpty()) {
                invalidCursor(fields);
            }
            return start;
        });
        int limit = fields.optionalInt("limit", 1, MAX_LIMIT).orElse(DEFAULT_LIMIT);
        fields.end();
        var items = deliveries.list().page(filter, cursor.orElse(DeliveryCursor.START), limit);
        var body = Json.object();
        var data = body.putArray("data");
        items.forEach(item -> data.add(item.json()));
        var next = items.size() == limit ? items.getLast().cursor().encode() : null;
        return Response.ok(body.put("next_cursor", next));
    }

    private static void invalidCursor(Fields fields) {
        fields.issue("invalid_format", "Invalid cursor: pass the next_cursor of the previous page", "cursor");
    }

    private Response replay(Request request) {
        request.noQuery();
        var id = id(request.path());
        long environment = request.environment();
        if (deliveries.list().find(environment, id).isEmpty()) {
            throw Failure.plain(
                    404,
                    "not_found",
                    "Unknown delivery '" + id + "'. It may have been removed after the retention period.");
        }
        if (!deliveries.replay(environment, id)) {
            throw Failure.plain(409, "conflict", "The delivery is being sent. Try again later.");
        }
        var body = Json.object();
        body.set("data", deliveries.list().find(environment, id).orElseGet(Json::object));
        return Response.ok(body);
    }

    private static UUID id(Fields path) {
        var id = path.text("id", ID);
        path.end();
        return UUID.fromString(id);
    }

    private Response replayRange(Request request) {
        request.noQuery();
        var fields = request.bodyFields();
        var since = fields.given("since") ? fields.optionalTime("since") : missingSince(fields);
        var until = fields.optionalTime("until");
        var codes = fields.has("states") ? states(fields) : List.of(State.DEAD.code());
        fields.end();
        int count = deliveries
                .list()
                .replay(
                        request.environment(),
                        since.orElseThrow(),
                        until,
                        codes.stream().map(State::of).toList());
        deliveries.wake();
        return Response.ok(Json.object().put("replayed", count));
    }

    private static Optional<Instant> missingSince(Fields fields) {
        fields.text("since", Text.SHORT);
        return Optional.empty();
    }

    private static List<String> states(Fields fields) {
        var codes = fields.texts("states", Text.SHORT);
        IntStream.range(0, codes.size())
                .filter(i -> !REPLAYABLE.contains(codes.get(i)))
                .forEach(i -> fields.issue(
                        "invalid_value", "Invalid option: expected one of " + REPLAYABLE, "states", String.valueOf(i)));
        return codes;
    }
}
