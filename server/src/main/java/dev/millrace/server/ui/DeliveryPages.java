package dev.millrace.server.ui;

import dev.millrace.server.delivery.Deliveries;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.webhook.ReceivedList;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Webhooks: those sent to the application and those received from providers. */
public final class DeliveryPages {
    private static final Pattern ID =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final int PAGE = 50;
    private static final List<String> STATES = List.of("waiting", "delivered", "dead", "skipped");
    private static final List<String> TYPES = List.of("auth", "sync", "async_action", "forward", "metadata");

    private final Dashboard dashboard;
    private final Deliveries deliveries;
    private final ReceivedList received;

    public DeliveryPages(Dashboard dashboard, Deliveries deliveries, ReceivedList received) {
        this.dashboard = dashboard;
        this.deliveries = deliveries;
        this.received = received;
    }

    public List<Route> routes() {
        return List.of(
                dashboard.get("/deliveries", this::sent),
                dashboard.get("/deliveries/received", this::received),
                dashboard.get("/deliveries/received/{id}", this::receivedOne),
                dashboard.post("/deliveries/received/{id}/replay", this::runAgain),
                dashboard.get("/deliveries/{id}", this::sentOne),
                dashboard.post("/deliveries/{id}/replay", this::sendAgain));
    }

    /** What the form of a search contains. */
    record Search(String state, String type, String connection, List<String> states, List<String> types) {
        boolean isEmpty() {
            return state.isEmpty() && type.isEmpty() && connection.isEmpty();
        }

        String link(Page page, String path, String cursor) {
            return page.query(path, "state", state, "type", type, "connection", connection, "cursor", cursor);
        }
    }

    /** A delivery to the application. */
    record Sent(
            String id,
            String event,
            String type,
            String integration,
            String connection,
            String url,
            String state,
            int attempts,
            String answer,
            Instant createdAt,
            Optional<Instant> lastAt,
            Optional<Instant> nextAt) {
        static Sent of(JsonNode node) {
            var status = node.path("status");
            var error = node.path("error").asString("");
            return new Sent(
                    node.path("id").asString(""),
                    node.path("event_id").asString(""),
                    node.path("type").asString(""),
                    node.path("provider_config_key").asString(""),
                    node.path("connection_id").asString(""),
                    node.path("url").asString(""),
                    node.path("state").asString(""),
                    node.path("attempts").asInt(0),
                    status.isNumber() ? "answer " + status.asInt() : error,
                    Instant.parse(node.path("created_at").asString("")),
                    time(node, "last_attempt_at"),
                    node.path("state").asString("").equals("waiting")
                            ? time(node, "next_attempt_at")
                            : Optional.empty());
        }

        String look() {
            return switch (state) {
                case "delivered" -> "ok";
                case "dead" -> "bad";
                case "waiting" -> attempts == 0 ? "wait" : "warn";
                default -> "off";
            };
        }

        String stateText() {
            return switch (state) {
                case "delivered" -> "Delivered";
                case "dead" -> "Given up";
                case "waiting" -> attempts == 0 ? "Waiting" : "Not delivered";
                case "skipped" -> "Skipped";
                default -> state;
            };
        }
    }

    private static Optional<Instant> time(JsonNode node, String name) {
        var text = node.path(name).asString("");
        return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    }

    /** A webhook of a provider. */
    record Received(
            String id,
            String integration,
            String type,
            String event,
            String state,
            List<String> connections,
            Instant at) {
        static Received of(JsonNode node) {
            return new Received(
                    node.path("id").asString(""),
                    node.path("provider_config_key").asString(""),
                    node.path("type").asString(node.path("header_type").asString("")),
                    node.path("provider_event_id").asString(""),
                    node.path("state").asString(""),
                    node.path("connection_ids")
                            .valueStream()
                            .map(id -> id.asString(""))
                            .toList(),
                    Instant.parse(node.path("received_at").asString("")));
        }

        String look() {
            return switch (state) {
                case "done" -> "ok";
                case "failed" -> "bad";
                case "waiting" -> "wait";
                case "unmatched" -> "warn";
                default -> "off";
            };
        }

        String stateText() {
            return switch (state) {
                case "done" -> "Processed";
                case "failed" -> "Failed";
                case "waiting" -> "Waiting";
                case "unmatched" -> "No connection";
                case "unsubscribed" -> "No function";
                default -> state;
            };
        }
    }

    /** A run of a function for a received webhook. */
    record Run(String connection, String function, String state, int attempts, String operation, String error) {
        static Run of(JsonNode node) {
            return new Run(
                    node.path("connection_id").asString(""),
                    node.path("sync").asString(""),
                    node.path("state").asString(""),
                    node.path("attempts").asInt(0),
                    node.path("log_id").asString(""),
                    node.path("error").asString(""));
        }
    }

    private static Search search(Visit visit, List<String> states, List<String> types) {
        var query = visit.query();
        return new Search(
                query.find("state").filter(states::contains).orElse(""),
                query.find("type").filter(types::contains).orElse(""),
                query.find("connection").orElse(""),
                states,
                types);
    }

    private static Optional<String> given(String text) {
        return Optional.of(text).filter(value -> !value.isEmpty());
    }

    private Response sent(Visit visit) {
        var search = search(visit, STATES, TYPES);
        var found = deliveries.page(
                visit.environmentId(),
                given(search.state()),
                given(search.type()),
                given(search.connection()),
                visit.query().find("cursor"),
                PAGE);
        var rows = found.items().stream().map(Sent::of).toList();
        boolean first = visit.query().find("cursor").isEmpty();
        return visit.page(
                "Deliveries",
                Section.DELIVERIES,
                (out, page) -> JtedeliveriesGenerated.render(
                        out, Html.NONE, page, search, rows, found.next().orElse(""), first));
    }

    private static UUID id(Visit visit) {
        var text = visit.variable("id");
        if (!ID.matcher(text).matches()) {
            throw visit.missing("There is no webhook “" + text + "”.");
        }
        return UUID.fromString(text);
    }

    private Response sentOne(Visit visit) {
        var id = id(visit);
        var shown = deliveries.find(visit.environmentId(), id).map(Sent::of).orElseThrow(() -> unknown(visit, id));
        var body = deliveries.body(visit.environmentId(), id).map(DeliveryPages::pretty);
        boolean done = visit.query().find("done").isPresent();
        return visit.page(
                "Delivery",
                Section.DELIVERIES,
                (out, page) -> JtedeliveryGenerated.render(out, Html.NONE, page, shown, body.orElse(""), done));
    }

    private static Failure unknown(Visit visit, UUID id) {
        return visit.missing("No webhook “" + id + "” is known. It may be older than they are kept.");
    }

    private static String pretty(String json) {
        try {
            return Json.parse(json).toPrettyString();
        } catch (JacksonException _) {
            return json;
        }
    }

    private Response sendAgain(Visit visit) {
        var id = id(visit);
        if (deliveries.find(visit.environmentId(), id).isEmpty()) {
            throw unknown(visit, id);
        }
        if (!deliveries.replay(visit.environmentId(), id)) {
            throw Failure.plain(
                    409, "conflict", "This delivery is being sent at the moment. Look at it again in a minute.");
        }
        return visit.to(visit.link("deliveries", id.toString()) + "?done=replayed");
    }

    private Response received(Visit visit) {
        var search = search(visit, ReceivedList.STATES, List.of());
        var found = received.page(
                visit.environmentId(),
                given(search.state()),
                given(search.connection()),
                visit.query().find("cursor"),
                PAGE);
        var rows = found.items().stream().map(Received::of).toList();
        boolean first = visit.query().find("cursor").isEmpty();
        return visit.page(
                "Deliveries",
                Section.DELIVERIES,
                (out, page) -> JtereceivedListGenerated.render(
                        out, Html.NONE, page, search, rows, found.next().orElse(""), first));
    }

    private Response receivedOne(Visit visit) {
        var id = id(visit);
        // Body and headers are in it as they were stored, so they are read from its text.
        var node = received.find(visit.environmentId(), id)
                .map(found -> Json.parse(found.toString()))
                .orElseThrow(() -> unknown(visit, id));
        var shown = Received.of(node);
        var runs = node.path("runs").valueStream().map(Run::of).toList();
        var body = node.path("body");
        var text = body.isString() ? body.asString() : body.toPrettyString();
        var headers = node.path("headers").properties().stream()
                .map(header -> header.getKey() + ": " + header.getValue().asString(""))
                .collect(Collectors.joining("\n"));
        boolean done = visit.query().find("done").isPresent();
        return visit.page(
                "Received webhook",
                Section.DELIVERIES,
                (out, page) -> JtereceivedGenerated.render(out, Html.NONE, page, shown, runs, text, headers, done));
    }

    private Response runAgain(Visit visit) throws InterruptedException {
        var id = id(visit);
        if (!received.replay(visit.environmentId(), id)) {
            throw unknown(visit, id);
        }
        return visit.to(visit.link("deliveries", "received", id.toString()) + "?done=replayed");
    }
}
