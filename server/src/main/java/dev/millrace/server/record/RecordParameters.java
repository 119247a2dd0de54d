package dev.millrace.server.record;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
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

/** Reads and validates the parameters of requests for records. Thread-safe. */
public final class RecordParameters {
    static final Text CURSOR = Text.between(1, 1_000);
    static final int MOST = 10_000;

    private static final String RESUME = "Last-Event-ID";
    private static final Text RESUMED = Text.between(0, CURSOR.max());
    private static final Text ID = Text.between(1, 256);
    private static final Pattern ISO_UTC =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}T(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?Z");
    private static final Duration OLDEST = Duration.ofDays(365);
    private static final int MOST_IDS = 100;
    private static final int PAGE = 100;

    private final ConnectionLookup connections;
    private final Clock clock;

    public RecordParameters(ConnectionLookup connections, Clock clock) {
        this.connections = connections;
        this.clock = clock;
    }

    /** The dataset and the records to read. */
    public record Listing(Dataset dataset, RecordQuery query) {}

    /** The same with public names; the connection has not been looked up. */
    record Wanted(Address address, RecordQuery query) {}

    private record Asked(String model, RecordQuery query) {}

    /** The parameters of a page. */
    Wanted page(Request request) {
        var asked = query(request);
        var named = headers(request);
        var address = new Address(request.environment(), named.integration, named.connection, asked.model);
        return new Wanted(address, asked.query);
    }

    /** The dataset at an address. */
    Dataset dataset(Address address) {
        long id = connection(address.environment(), new Named(address.integration(), address.connection()));
        return new Dataset(id, address.model());
    }

    /** The same for a stream. A client that reconnects sends the last event's id in a header. */
    public Listing stream(Request request) {
        var asked = query(request);
        var fields = request.headerFields("Connection-Id", "Provider-Config-Key", RESUME);
        var name = RESUME.toLowerCase(Locale.ROOT);
        // An empty header means that the client has received no event with an id.
        var resume = fields.optionalText(name, RESUMED)
                .filter(text -> !text.isEmpty())
                .flatMap(text -> position(fields, name, text));
        var dataset = new Dataset(connection(request, headers(fields)), asked.model);
        return new Listing(dataset, resume.map(asked.query::from).orElse(asked.query));
    }

    private Asked query(Request request) {
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
        return new Asked(
                Dataset.name(model, variant),
                new RecordQuery(cursor, limit, actions, delta.or(() -> modifiedAfter), ids, strict));
    }

    /** The query, with a single id converted to a list. */
    private static Fields queryFields(Request request) {
        var tree = request.queryTree();
        var ids = tree.get("ids");
        if (ids != null && ids.isString()) {
            tree.set("ids", Json.array().add(ids));
        }
        return Fields.of(Part.QUERY, tree);
    }

    /** The position of a cursor; an invalid one becomes an issue. */
    static Optional<Position> position(Fields fields, String name, String text) {
        var position = Position.parse(text);
        // A missing cursor or one of a wrong length has been reported already.
        if (position.isEmpty() && !text.isEmpty() && text.length() <= CURSOR.max()) {
            fields.issue("invalid_format", "Invalid cursor", name);
        }
        return position;
    }

    private Optional<Long> time(Fields fields, String name) {
        return fields.optionalText(name, RESUMED).flatMap(text -> {
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
        var lower = Arrays.stream(Action.values()).map(RecordParameters::lower);
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

    /** The names of the connection in the headers. */
    record Named(String integration, String connection) {}

    /** The connection of a request. */
    static Named headers(Request request) {
        return headers(request.headerFields("Connection-Id", "Provider-Config-Key"));
    }

    private static Named headers(Fields fields) {
        var connection = fields.text("connection-id", Text.CONNECTION_ID);
        var integration = fields.text("provider-config-key", Text.INTEGRATION_ID);
        fields.end();
        return new Named(integration, connection);
    }

    /** The internal id of a connection. */
    long connection(Request request, Named named) {
        return connection(request.environment(), named);
    }

    private long connection(long environment, Named named) {
        return connections
                .find(environment, named.integration, named.connection)
                .orElseThrow(() -> Failure.plain(
                        400,
                        "unknown_connection",
                        "Provided ConnectionId and ProviderConfigKey does not match a valid connection"));
    }
}
