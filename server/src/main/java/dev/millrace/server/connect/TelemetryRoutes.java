package dev.millrace.server.connect;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;

/** {@code POST /connect/telemetry}: accepts and validates events of pages. Nothing is stored. */
public final class TelemetryRoutes {
    private static final List<String> EVENTS = List.of(
            "open",
            "view:list",
            "view:integration",
            "view:unknown_error",
            "view:credentials_error",
            "view:success",
            "click:integration",
            "click:doc",
            "click:doc_section",
            "click:connect",
            "click:close",
            "click:finish",
            "click:outside",
            "popup:blocked_by_browser",
            "popup:closed_early");
    private static final Text TOKEN = Text.between(1, 255);
    private static final Duration TOLERANCE = Duration.ofHours(2);

    private final ConnectSessions sessions;
    private final Clock clock;

    public TelemetryRoutes(ConnectSessions sessions, Clock clock) {
        this.sessions = sessions;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(Route.post("/connect/telemetry", this::take));
    }

    private Response take(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var token = body.text("token", TOKEN);
        body.choice("event", EVENTS);
        var timestamp = body.text("timestamp", Text.SHORT);
        if (body.has("dimensions")) {
            var dimensions = body.object("dimensions");
            dimensions.optionalText("integration", Text.INTEGRATION_ID);
            dimensions.close();
        }
        if (!isNow(timestamp)) {
            body.issue("custom", "Invalid input: expected a time within two hours of now", "timestamp");
        }
        body.end();
        sessions.find(token);
        return Response.empty(204);
    }

    private boolean isNow(String text) {
        try {
            var between = Duration.between(OffsetDateTime.parse(text).toInstant(), clock.instant());
            return between.abs().compareTo(TOLERANCE) <= 0;
        } catch (DateTimeException _) {
            return false;
        }
    }
}
