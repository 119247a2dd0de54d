package dev.millrace.server.ui;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.record.Action;
import dev.millrace.server.record.ConnectionSize;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.ModelSize;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import dev.millrace.server.record.Records;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows the records that syncs have saved: by connection, by model, one by one. */
public final class RecordPages {
    private static final String LIST = "/records/{integration}/{connection}/{model}";
    private static final int MOST_CONNECTIONS = 50;
    private static final int PAGE = 50;
    private static final int MOST_IDS = 100;
    private static final int MOST_BYTES = 2 * 1024 * 1024;
    private static final int PREVIEW = 120;
    private static final int LONGEST_SHOWN = 200_000;
    private static final String META = "_nango_metadata";

    private final Dashboard dashboard;
    private final Connections connections;
    private final Records records;

    public RecordPages(Dashboard dashboard, Connections connections, Records records) {
        this.dashboard = dashboard;
        this.connections = connections;
        this.records = records;
    }

    public List<Route> routes() {
        return List.of(
                dashboard.get("/records", this::start),
                dashboard.get("/records/{integration}/{connection}", this::models),
                dashboard.get(LIST, this::list),
                dashboard.live(LIST + "/live", this::live));
    }

    /** A connection to choose; without a size it has no records. */
    record Choice(String integration, String connection, Optional<ConnectionSize> size) {}

    /** @param more whether there are more than are shown */
    record Start(String search, List<Choice> choices, boolean more) {}

    private Response start(Visit visit) {
        var search = visit.query().find("q");
        var filter = new Connections.Filter(
                null, search.orElse(null), null, null, List.of(), Json.object(), Map.of(), MOST_CONNECTIONS + 1, 0);
        var found = connections.list(visit.environmentId(), filter);
        var shown = found.stream().limit(MOST_CONNECTIONS).toList();
        var sizes = records.totals(shown.stream().map(Connection::id).toList());
        var choices = shown.stream()
                .map(c -> new Choice(c.integration(), c.connectionId(), Optional.ofNullable(sizes.get(c.id()))))
                .toList();
        var model = new Start(search.orElse(""), choices, found.size() > MOST_CONNECTIONS);
        return visit.page(
                "Records",
                Section.RECORDS,
                (out, page) -> JterecordsStartGenerated.render(out, Html.NONE, page, model));
    }

    private long connection(Visit visit) {
        var integration = visit.variable("integration");
        var id = visit.variable("connection");
        return connections
                .id(visit.environmentId(), integration, id)
                .orElseThrow(() -> visit.missing("There is no connection “" + id + "” of " + integration + "."));
    }

    /** The models of a connection. */
    record Models(String integration, String connection, List<ModelSize> sizes) {
        long live() {
            return sizes.stream().mapToLong(ModelSize::live).sum();
        }

        long bytes() {
            return sizes.stream().mapToLong(ModelSize::bytes).sum();
        }
    }

    private Response models(Visit visit) {
        var sizes = records.sizes(connection(visit));
        var model = new Models(visit.variable("integration"), visit.variable("connection"), sizes);
        return visit.page(
                "Records of " + model.connection(),
                Section.RECORDS,
                (out, page) -> JterecordModelsGenerated.render(out, Html.NONE, page, model));
    }

    /**
     * What is asked for.
     *
     * @param filter an action in lower case; empty: all
     * @param cursor changes after it are shown, the oldest first; empty: the newest first
     * @param before from where the newest first are shown; empty: from the newest on
     * @param record the opened one; may be empty
     */
    record Asked(
            String integration,
            String connection,
            String model,
            String variant,
            String filter,
            String ids,
            String cursor,
            String before,
            String record) {
        /** Whether the page shows what is newest and changes with it. */
        boolean isNewest() {
            return cursor.isEmpty() && before.isEmpty() && ids.isEmpty();
        }

        /** The path of the model or of what is below it, with this selection. */
        private String link(Page page, String path, String... more) {
            var own = page.query(path, "variant", variant.equals("base") ? "" : variant, "filter", filter, "ids", ids);
            return page.query(own, more);
        }

        String path(Page page) {
            return page.link("records", integration, connection, model);
        }

        /** The first page of the selection. */
        String first(Page page) {
            return link(page, path(page));
        }

        String older(Page page, String position) {
            return link(page, path(page), "before", position);
        }

        String after(Page page, String position) {
            return link(page, path(page), "cursor", position);
        }

        String open(Page page, String id) {
            return link(page, path(page), "cursor", cursor, "before", before, "record", id) + "#record";
        }

        /** @param state of the model as the page shows it */
        String live(Page page, String state) {
            return link(
                    page,
                    page.link("records", integration, connection, model, "live"),
                    "record",
                    record,
                    "state",
                    state);
        }
    }

    /**
     * A record in a list.
     *
     * @param preview the beginning of its contents
     */
    record Row(String id, Action action, Instant at, String cursor, String preview, boolean pruned) {
        String actionText() {
            return action.name().toLowerCase(Locale.ROOT);
        }

        String sign() {
            return switch (action) {
                case ADDED -> "+";
                case UPDATED -> "~";
                case DELETED -> "−";
            };
        }
    }

    /**
     * A record with its contents.
     *
     * @param text of the contents, without the times
     * @param cut whether the text goes on
     */
    record Opened(
            String id,
            Action action,
            Instant firstSeen,
            Instant modified,
            Optional<Instant> deleted,
            Optional<Instant> pruned,
            String cursor,
            String text,
            boolean cut) {}

    /**
     * A page of records.
     *
     * @param size of the model; empty when nothing was ever saved
     * @param state of the model before it was read
     * @param errors why nothing is shown
     * @param next where the list goes on
     */
    record Listing(
            Asked asked,
            List<String> variants,
            Optional<ModelSize> size,
            String state,
            FormErrors errors,
            List<Row> rows,
            Optional<String> next,
            Optional<Opened> opened) {}

    private static Asked asked(Visit visit) {
        var query = visit.query();
        return new Asked(
                visit.variable("integration"),
                visit.variable("connection"),
                visit.variable("model"),
                query.find("variant").orElse("base"),
                query.find("filter")
                        .flatMap(RecordPages::action)
                        .map(RecordPages::lower)
                        .orElse(""),
                String.join(",", query.all("ids")).strip(),
                query.find("cursor").orElse(""),
                query.find("before").orElse(""),
                query.text("record"));
    }

    private static Optional<Action> action(String name) {
        return Arrays.stream(Action.values())
                .filter(action -> name.toLowerCase(Locale.ROOT).equals(lower(action)))
                .findFirst();
    }

    private static String lower(Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }

    private Response list(Visit visit) {
        var asked = asked(visit);
        long connection = connection(visit);
        var dataset = Dataset.of(connection, asked.model(), asked.variant());
        var sizes = records.sizes(connection).stream()
                .filter(size -> size.dataset().base().equals(asked.model()))
                .toList();
        var variants = sizes.stream().map(size -> size.dataset().variant()).toList();
        var size = sizes.stream().filter(s -> s.dataset().equals(dataset)).findFirst();
        var opened = asked.record().isEmpty() ? Optional.<Opened>empty() : opened(dataset, asked.record());
        var errors = errors(asked);
        var state = state(dataset);
        var page = errors.isEmpty()
                ? Optional.of(page(dataset, asked))
                : Optional.<dev.millrace.server.record.Page>empty();
        var listing = new Listing(
                asked,
                variants,
                size,
                state,
                errors,
                page.map(RecordPages::rows).orElse(List.of()),
                page.flatMap(dev.millrace.server.record.Page::nextCursor),
                opened);
        return visit.page(
                errors.isEmpty() ? 200 : 400,
                asked.model() + " of " + asked.connection(),
                Section.RECORDS,
                (out, frame) -> JterecordListGenerated.render(out, Html.NONE, frame, listing));
    }

    private static FormErrors errors(Asked asked) {
        for (var cursor : List.of(asked.cursor(), asked.before())) {
            if (!cursor.isEmpty() && Position.parse(cursor).isEmpty()) {
                return FormErrors.of("cursor", "This is not a cursor. Copy one from a record or from your app.");
            }
        }
        return ids(asked).size() > MOST_IDS
                ? FormErrors.of("ids", "At most " + MOST_IDS + " ids can be found at once.")
                : FormErrors.NONE;
    }

    private static List<String> ids(Asked asked) {
        return Arrays.stream(asked.ids().split(","))
                .map(String::strip)
                .filter(id -> !id.isEmpty())
                .distinct()
                .toList();
    }

    private dev.millrace.server.record.Page page(Dataset dataset, Asked asked) {
        var actions = action(asked.filter()).map(Set::of).orElse(Set.of());
        var ids = ids(asked);
        if (asked.cursor().isEmpty() && ids.isEmpty()) {
            var before =
                    Optional.of(asked.before()).filter(text -> !text.isEmpty()).flatMap(Position::parse);
            return records.latest(dataset, before, actions, PAGE, MOST_BYTES);
        }
        var after = Optional.of(asked.cursor()).filter(text -> !text.isEmpty()).flatMap(Position::parse);
        return records.list(dataset, new RecordQuery(after, PAGE, actions, Optional.empty(), ids, false), MOST_BYTES);
    }

    private static List<Row> rows(dev.millrace.server.record.Page page) {
        return page.items().stream()
                .map(item -> row((ObjectNode) Json.parse(Arrays.copyOfRange(page.buffer(), item.start(), item.end()))))
                .toList();
    }

    private static Row row(ObjectNode record) {
        var meta = record.path(META);
        record.remove(META);
        var id = record.path("id").asString("");
        record.remove("id");
        return new Row(
                id,
                Action.valueOf(meta.path("last_action").asString("")),
                time(meta, "last_modified_at").orElseThrow(),
                meta.path("cursor").asString(""),
                View.shortened(Json.text(record), PREVIEW),
                time(meta, "pruned_at").isPresent());
    }

    private static Optional<Instant> time(JsonNode meta, String name) {
        return Optional.ofNullable(meta.get(name))
                .filter(JsonNode::isString)
                .map(text -> OffsetDateTime.parse(text.stringValue()).toInstant());
    }

    private Optional<Opened> opened(Dataset dataset, String id) {
        return StreamSupport.stream(
                        Json.parse(records.get(dataset, List.of(id))).spliterator(), false)
                .findFirst()
                .map(node -> opened((ObjectNode) node));
    }

    private static Opened opened(ObjectNode record) {
        var meta = record.path(META);
        record.remove(META);
        var text = JsonText.pretty(record);
        return new Opened(
                record.path("id").asString(""),
                Action.valueOf(meta.path("last_action").asString("")),
                time(meta, "first_seen_at").orElseThrow(),
                time(meta, "last_modified_at").orElseThrow(),
                time(meta, "deleted_at"),
                time(meta, "pruned_at"),
                meta.path("cursor").asString(""),
                View.shortened(text, LONGEST_SHOWN),
                text.length() > LONGEST_SHOWN);
    }

    /** Sends the newest records when the model has changed. */
    private Live.Source live(Visit visit) {
        var dataset = Dataset.of(
                connection(visit), visit.variable("model"), asked(visit).variant());
        var shown = visit.query().text("state");
        return new Live.Source() {
            private String sent = shown;

            @Override
            public List<Live.Event> next() {
                var state = state(dataset);
                if (state.equals(sent)) {
                    return List.of();
                }
                sent = state;
                return List.of(new Live.Event("records", newest(visit, dataset)));
            }
        };
    }

    /** Another one after each change. */
    private String state(Dataset dataset) {
        var clock = records.clocks(List.of(dataset))[0];
        return clock.datasetId() + "." + clock.epoch() + "." + clock.lastModified();
    }

    private String newest(Visit visit, Dataset dataset) {
        var asked = asked(visit);
        var rows = rows(page(dataset, asked));
        return new String(
                Html.bytes(
                        visit.frame("", Section.RECORDS),
                        (out, page) -> JterecordRowsGenerated.render(out, Html.NONE, page, asked, rows)),
                UTF_8);
    }
}
