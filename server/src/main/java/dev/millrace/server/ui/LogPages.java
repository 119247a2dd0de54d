package dev.millrace.server.ui;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.log.Filter;
import dev.millrace.server.log.Level;
import dev.millrace.server.log.LogReader;
import dev.millrace.server.log.Operation;
import dev.millrace.server.log.Status;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** The log: operations, lines, and one operation with its HTTP calls. */
public final class LogPages {
    private static final int PAGE = 50;
    private static final int MOST_LINES = 500;
    private static final List<String> LEVELS = Level.words();

    private final Dashboard dashboard;
    private final LogReader logs;
    private final Integrations integrations;

    public LogPages(Dashboard dashboard, LogReader logs, Integrations integrations) {
        this.dashboard = dashboard;
        this.logs = logs;
        this.integrations = integrations;
    }

    public List<Route> routes() {
        return List.of(
                dashboard.get("/log", this::operations),
                dashboard.live("/log/live", this::live),
                dashboard.get("/log/lines", this::lines),
                dashboard.get("/log/{operation}", this::operation));
    }

    /** What the form of a search contains. The query of the page has the same names. */
    record Search(
            String text,
            String kind,
            String status,
            String integration,
            String connection,
            String function,
            String level,
            String from,
            String to,
            List<String> integrations) {
        List<String> kinds() {
            return Operation.KINDS;
        }

        List<String> statuses() {
            return Status.words();
        }

        List<String> levels() {
            return LEVELS;
        }

        boolean isEmpty() {
            return List.of(text, kind, status, integration, connection, function, level, from, to).stream()
                    .allMatch(String::isEmpty);
        }

        /** A page with these filters. */
        String link(Page page, String path, String cursor) {
            return page.query(
                    path,
                    "text",
                    text,
                    "kind",
                    kind,
                    "status",
                    status,
                    "integration",
                    integration,
                    "connection",
                    connection,
                    "function",
                    function,
                    "level",
                    level,
                    "from",
                    from,
                    "to",
                    to,
                    "cursor",
                    cursor);
        }
    }

    /** An operation as the lists show it. */
    record Shown(
            String id,
            String kind,
            String status,
            String integration,
            String connection,
            String function,
            Instant startedAt,
            Optional<Long> millis,
            Optional<String> error,
            int lines,
            int warnings,
            int errors,
            int dropped) {
        static Shown of(JsonNode node) {
            var lines = node.path("lines");
            var millis = node.path("duration_ms");
            var error = node.path("error");
            return new Shown(
                    node.path("id").asString(""),
                    node.path("kind").asString(""),
                    node.path("status").asString(""),
                    node.path("provider_config_key").asString(""),
                    node.path("connection_id").asString(""),
                    node.path("function").asString(""),
                    Instant.parse(node.path("started_at").asString("")),
                    millis.isNumber() ? Optional.of(millis.asLong()) : Optional.empty(),
                    error.isNull() ? Optional.empty() : Optional.of(error.toString()),
                    LEVELS.stream()
                            .mapToInt(level -> lines.path(level).asInt(0))
                            .sum(),
                    lines.path("warn").asInt(0),
                    lines.path("error").asInt(0),
                    node.path("dropped_lines").asInt(0));
        }

        /** The function, or what happened if there is none. */
        String title() {
            return function.isEmpty() ? kind : function;
        }

        String look() {
            return switch (status) {
                case "running" -> "run";
                case "success" -> "ok";
                case "failed" -> "bad";
                case "interrupted" -> "warn";
                default -> "off";
            };
        }

        String statusText() {
            return switch (status) {
                case "running" -> "Running";
                case "success" -> "Succeeded";
                case "failed" -> "Failed";
                case "cancelled" -> "Cancelled";
                case "interrupted" -> "Interrupted";
                default -> status;
            };
        }
    }

    /** A line as the lists show it. */
    record Line(Instant at, String level, String message, String operation) {
        static Line of(JsonNode node) {
            return new Line(
                    Instant.parse(node.path("at").asString("")),
                    node.path("level").asString(""),
                    node.path("message").asString(""),
                    node.path("operation_id").asString(""));
        }

        /** The class of its row; empty for lines that need nobody. */
        String look() {
            return switch (level) {
                case "error" -> "bad";
                case "warn" -> "warn";
                default -> "";
            };
        }
    }

    private Search search(Visit visit) {
        var query = visit.query();
        var keys = integrations.list(visit.environmentId()).stream()
                .map(Integration::uniqueKey)
                .toList();
        return new Search(
                query.find("text").orElse(""),
                chosen(query, "kind", Operation.KINDS),
                chosen(query, "status", Status.words()),
                query.find("integration").orElse(""),
                query.find("connection").orElse(""),
                query.find("function").orElse(""),
                chosen(query, "level", LEVELS),
                query.find("from").orElse(""),
                query.find("to").orElse(""),
                keys);
    }

    private static String chosen(FormData query, String name, List<String> values) {
        return query.find(name).filter(values::contains).orElse("");
    }

    private static Filter filter(Visit visit, Search search) {
        return new Filter(
                visit.environmentId(),
                given(search.kind()),
                given(search.status()),
                given(search.integration()),
                given(search.connection()),
                given(search.function()),
                given(search.level()),
                given(search.text()),
                time(visit, search.from()),
                time(visit, search.to()));
    }

    private static Optional<String> given(String text) {
        return Optional.of(text).filter(value -> !value.isEmpty());
    }

    /** Times of forms have no zone: they are those of the browser. */
    private static Optional<Instant> time(Visit visit, String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(text.endsWith("Z") ? Instant.parse(text) : local(visit, text));
        } catch (DateTimeException _) {
            throw Failure.plain(400, "invalid_time", "“" + text + "” is not a time such as 2026-11-30T10:00.");
        }
    }

    private static Instant local(Visit visit, String text) {
        return LocalDateTime.parse(text).atZone(visit.zone()).toInstant();
    }

    private Response operations(Visit visit) {
        var search = search(visit);
        var found = found(visit, search);
        boolean first = visit.query().find("cursor").isEmpty();
        return visit.page(
                "Log",
                Section.LOG,
                (out, page) -> JtelogGenerated.render(
                        out, Html.NONE, page, search, shown(found), found.next().orElse(""), first));
    }

    private LogReader.Found found(Visit visit, Search search) {
        return logs.operations(filter(visit, search), visit.query().find("cursor"), PAGE);
    }

    private static List<Shown> shown(LogReader.Found found) {
        return found.items().stream().map(Shown::of).toList();
    }

    private Live.Source live(Visit visit) {
        var search = search(visit);
        return Live.changes(Map.of(
                "operations",
                () -> new String(
                        Html.bytes(
                                visit.frame("", Section.LOG),
                                (out, page) -> JteoperationsGenerated.render(
                                        out, Html.NONE, page, search, shown(found(visit, search)))),
                        UTF_8)));
    }

    private Response lines(Visit visit) {
        var search = search(visit);
        var found = logs.lines(filter(visit, search), visit.query().find("cursor"), PAGE * 2);
        var lines = found.items().stream().map(Line::of).toList();
        boolean first = visit.query().find("cursor").isEmpty();
        return visit.page(
                "Log",
                Section.LOG,
                (out, page) -> JtelogLinesGenerated.render(
                        out, Html.NONE, page, search, lines, found.next().orElse(""), first));
    }

    private Response operation(Visit visit) {
        var id = visit.variable("operation");
        var operation = logs.operation(visit.environmentId(), id)
                .orElseThrow(() ->
                        visit.missing("No operation “" + id + "” is logged. It may be older than logs are kept."));
        var shown = Shown.of(operation);
        var level = chosen(visit.query(), "level", LEVELS);
        var key = UUID.fromString(shown.id());
        var all = Filter.all(visit.environmentId());
        // Calls are lines of every level, from the begin of the operation.
        var calls = Waterfall.of(
                shown, logs.lines(key, all, Optional.empty(), MOST_LINES).items());
        var found = logs.lines(key, all.ofLevel(level), visit.query().find("cursor"), MOST_LINES);
        var lines = found.items().stream().map(Line::of).toList();
        return visit.page(
                shown.title(),
                Section.LOG,
                (out, page) -> JteoperationGenerated.render(
                        out,
                        Html.NONE,
                        page,
                        shown,
                        calls,
                        lines,
                        level,
                        found.next().orElse("")));
    }
}
