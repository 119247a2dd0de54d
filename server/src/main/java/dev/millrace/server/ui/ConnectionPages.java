package dev.millrace.server.ui;

import dev.millrace.server.connection.BrokenConnections;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.log.Filter;
import dev.millrace.server.log.LogReader;
import dev.millrace.server.sync.ConnectionDeletion;
import dev.millrace.server.sync.SyncCommands;
import dev.millrace.server.sync.SyncName;
import dev.millrace.server.sync.SyncStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Connections: the list, and one with its syncs and its last operations. */
public final class ConnectionPages {
    private static final int PAGE = 50;
    private static final int LAST_PAGE = 1_000;
    private static final int MOST_BROKEN = 500;
    private static final int OPERATIONS = 10;
    private static final int LONGEST_METADATA = 4_000;

    private final Dashboard dashboard;
    private final Connections connections;
    private final BrokenConnections broken;
    private final Integrations integrations;
    private final SyncStatus status;
    private final SyncCommands commands;
    private final ConnectionDeletion deletion;
    private final LogReader logs;

    public ConnectionPages(
            Dashboard dashboard,
            Connections connections,
            BrokenConnections broken,
            Integrations integrations,
            SyncStatus status,
            SyncCommands commands,
            ConnectionDeletion deletion,
            LogReader logs) {
        this.dashboard = dashboard;
        this.connections = connections;
        this.broken = broken;
        this.integrations = integrations;
        this.status = status;
        this.commands = commands;
        this.deletion = deletion;
        this.logs = logs;
    }

    public List<Route> routes() {
        var one = "/connections/{integration}/{id}";
        return List.of(
                dashboard.get("/connections", this::list),
                dashboard.get(one, this::show),
                dashboard.post(one + "/syncs", this::command),
                dashboard.post(one + "/delete", this::delete));
    }

    /** What the form of a search contains. The query of the page has the same names. */
    record Search(
            String text, String integration, String customer, String tag, String state, List<String> integrations) {
        boolean isEmpty() {
            return text.isEmpty() && integration.isEmpty() && customer.isEmpty() && tag.isEmpty() && state.isEmpty();
        }

        String link(Page page, int number) {
            return page.query(
                    page.link("connections"),
                    "q",
                    text,
                    "integration",
                    integration,
                    "customer",
                    customer,
                    "tag",
                    tag,
                    "state",
                    state,
                    "page",
                    number == 0 ? "" : Integer.toString(number));
        }
    }

    /** A row of the list. */
    record Row(String integration, String id, String customer, Optional<String> cause, boolean outage, Instant at) {
        static Row of(Connection connection) {
            return new Row(
                    connection.integration(),
                    connection.connectionId(),
                    customerOf(connection),
                    connection.authFailure().map(AuthFailure::message),
                    connection.authFailure().filter(AuthFailure::outage).isPresent(),
                    connection.createdAt());
        }
    }

    /** The name of the end user, or what else is known of them. */
    private static String customerOf(Connection connection) {
        var user = connection.endUser().map(Json::parse).orElseGet(Json::object);
        var tags = Json.parse(connection.tags());
        return Stream.of("display_name", "email", "id")
                .flatMap(field -> Stream.of(user.path(field), tags.path("end_user_" + field)))
                .map(value -> value.asString(""))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    private Response list(Visit visit) {
        var query = visit.query();
        var search = new Search(
                query.find("q").orElse(""),
                query.find("integration").orElse(""),
                query.find("customer").orElse(""),
                query.find("tag").orElse(""),
                query.find("state").filter("broken"::equals).orElse(""),
                integrations.list(visit.environmentId()).stream()
                        .map(Integration::uniqueKey)
                        .toList());
        int number = query.find("page").map(ConnectionPages::number).orElse(0);
        var rows = search.state().isEmpty() ? found(visit, search, number) : brokenOnes(visit, search);
        boolean more = search.state().isEmpty() && rows.size() == PAGE;
        boolean deleted = query.has("deleted");
        return visit.page(
                "Connections",
                Section.CONNECTIONS,
                (out, page) ->
                        JteconnectionsGenerated.render(out, Html.NONE, page, search, rows, number, more, deleted));
    }

    private static int number(String text) {
        try {
            return Math.clamp(Integer.parseInt(text), 0, LAST_PAGE);
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private List<Row> found(Visit visit, Search search, int number) {
        var filter = new Connections.Filter(
                null,
                search.text().isEmpty() ? null : search.text(),
                search.customer().isEmpty() ? null : search.customer(),
                null,
                search.integration().isEmpty() ? List.of() : List.of(search.integration()),
                tags(search.tag()),
                Map.of(),
                PAGE,
                number);
        return connections.list(visit.environmentId(), filter).stream()
                .map(Row::of)
                .toList();
    }

    /** A tag is written as name=value. */
    private static ObjectNode tags(String text) {
        int equals = text.indexOf('=');
        return equals < 0
                ? Json.object()
                : Json.object()
                        .put(
                                text.substring(0, equals).strip(),
                                text.substring(equals + 1).strip());
    }

    private List<Row> brokenOnes(Visit visit, Search search) {
        return broken.list(visit.environmentId(), MOST_BROKEN).stream()
                .filter(row ->
                        search.integration().isEmpty() || row.integration().equals(search.integration()))
                .filter(row -> row.connection().contains(search.text()))
                .map(row -> new Row(
                        row.integration(),
                        row.connection(),
                        row.customer().orElse(""),
                        Optional.of(row.failure().message()),
                        false,
                        row.failure().at()))
                .toList();
    }

    /** A sync of the connection. */
    record SyncRow(
            String name,
            String variant,
            String status,
            String frequency,
            long records,
            Optional<Instant> finishedAt,
            Optional<Instant> nextAt) {
        static SyncRow of(JsonNode node) {
            return new SyncRow(
                    node.path("name").asString(""),
                    node.path("variant").asString(SyncName.BASE),
                    node.path("status").asString(""),
                    node.path("frequency").asString(""),
                    node.path("recordCount")
                            .valueStream()
                            .mapToLong(JsonNode::asLong)
                            .sum(),
                    time(node, "finishedAt"),
                    time(node, "nextScheduledSyncAt"));
        }

        private static Optional<Instant> time(JsonNode node, String name) {
            var text = node.path(name).asString("");
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        }

        boolean isBase() {
            return variant.equals(SyncName.BASE);
        }

        boolean isPaused() {
            return status.equals("PAUSED") || status.equals("STOPPED");
        }

        String look() {
            return switch (status) {
                case "RUNNING" -> "run";
                case "ERROR" -> "bad";
                case "SUCCESS" -> "ok";
                default -> "off";
            };
        }

        String statusText() {
            return switch (status) {
                case "RUNNING" -> "Running";
                case "ERROR" -> "Failed";
                case "SUCCESS" -> "Working";
                case "PAUSED" -> "Paused";
                case "STOPPED" -> "Stopped";
                default -> status;
            };
        }
    }

    /**
     * One connection.
     *
     * @param mode how it authenticates
     * @param config JSON text
     * @param metadata JSON text; empty when there is none
     */
    record Shown(
            Connection connection,
            String customer,
            String mode,
            List<String> tags,
            String config,
            String metadata,
            List<SyncRow> syncs,
            List<LogPages.Shown> operations,
            String done) {}

    private Connection connection(Visit visit) {
        var integration = visit.variable("integration");
        var id = visit.variable("id");
        return connections
                .find(visit.environmentId(), integration, id)
                .orElseThrow(
                        () -> visit.missing("The integration “" + integration + "” has no connection “" + id + "”."));
    }

    private Response show(Visit visit) {
        var connection = connection(visit);
        var id = Optional.of(connection.connectionId());
        var syncs = status.of(visit.environmentId(), connection.integration(), id, List.of())
                .valueStream()
                .map(SyncRow::of)
                .toList();
        var filter = new Filter(
                visit.environmentId(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(connection.integration()),
                id,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        var operations = logs.operations(filter, Optional.empty(), OPERATIONS).items().stream()
                .map(LogPages.Shown::of)
                .toList();
        var done = switch (visit.query().find("done").orElse("")) {
            case "trigger" -> "The sync runs now.";
            case "start" -> "The sync is started.";
            case "pause" -> "The sync is paused.";
            default -> "";
        };
        var shown = new Shown(
                connection,
                customerOf(connection),
                connection.credentials().type(),
                Json.parse(connection.tags()).properties().stream()
                        .map(tag -> tag.getKey() + " = " + tag.getValue().asString(""))
                        .toList(),
                connection.config().isEmpty() ? "" : connection.config().toPrettyString(),
                connection
                        .metadata()
                        .map(text -> View.shortened(Json.parse(text).toPrettyString(), LONGEST_METADATA))
                        .orElse(""),
                syncs,
                operations,
                done);
        return visit.page(
                connection.connectionId(),
                Section.CONNECTIONS,
                (out, page) -> JteconnectionGenerated.render(out, Html.NONE, page, shown));
    }

    private Response command(Visit visit) {
        var connection = connection(visit);
        var form = visit.form();
        var names = List.of(new SyncName(form.text("name"), form.find("variant").orElse(SyncName.BASE)));
        var id = Optional.of(connection.connectionId());
        var command = form.text("command");
        switch (command) {
            case "trigger" ->
                commands.trigger(
                        visit.environmentId(),
                        connection.integration(),
                        id,
                        names,
                        new SyncCommands.Options(form.has("reset"), form.has("empty"), false));
            case "start" -> commands.start(visit.environmentId(), connection.integration(), id, names);
            case "pause" -> commands.pause(visit.environmentId(), connection.integration(), id, names);
            default -> throw Failure.plain(400, "unknown_command", "“" + command + "” is not trigger, start or pause.");
        }
        return visit.to(visit.link("connections", connection.integration(), connection.connectionId()) + "?done="
                + command + "#syncs");
    }

    private Response delete(Visit visit) throws InterruptedException {
        deletion.delete(connection(visit));
        return visit.to(visit.link("connections") + "?deleted=1");
    }
}
