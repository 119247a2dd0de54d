package dev.millrace.server.record;

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

/** Reads which records a request asks for: the same for pages and for the stream. */
final class RecordParameters {
    static final Text CURSOR = Text.between(1, 1_000);
    static final int MOST = 10_000;

    private static final String LAST_EVENT_ID = "last-event-id";
    // No cursor: what it decodes to has no separator.
    private static final String LATEST = "latest";
    private static final Text ID = Text.between(1, 256);
    private static final Pattern ISO_UTC =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}T(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?Z");
    private static final Duration OLDEST = Duration.ofDays(365);
    private static final int MOST_IDS = 100;
    private static final int PAGE = 100;

    private final Clock clock;

    RecordParameters(Clock clock) {
        this.clock = clock;
    }

    /**
     * What was asked for.
     *
     * @param latest whether only what comes from now on, instead of what the query begins with
     */
    record Asked(String model, String variant, RecordQuery query, boolean latest) {
        Dataset dataset(long connection) {
            return Dataset.of(connection, model, variant);
        }
    }

    Asked read(Request request) {
        return read(request, false);
    }

    /** Also takes the cursor {@code latest}; a client that connects again says in a header where it was. */
    Asked readStream(Request request) {
        var asked = read(request, true);
        var fields = request.headerFields(LAST_EVENT_ID);
        var last = fields.optionalText(LAST_EVENT_ID, CURSOR).flatMap(text -> position(fields, LAST_EVENT_ID, text));
        fields.end();
        return last.map(position -> new Asked(
                        asked.model, asked.variant, asked.query.from(position), false))
                .orElse(asked);
    }

    private Asked read(Request request, boolean mayBeLatest) {
        var fields = queryFields(request);
        var model = fields.text("model", Text.MODEL);
        var variant = fields.optionalText("variant", Text.NAME).orElse("base");
        var modifiedAfter = time(fields, "modified_after");
        var delta = time(fields, "delta");
        int limit = fields.optionalInt("limit", 1, MOST).orElse(PAGE);
        var actions = actions(fields);
        var named = fields.optionalText("cursor", CURSOR);
        boolean latest = mayBeLatest && named.equals(Optional.of(LATEST));
        var cursor = latest ? Optional.<Position>empty() : named.flatMap(text -> position(fields, "cursor", text));
        var ids = ids(fields);
        boolean strict = fields.wordFlag("strict", false);
        fields.end();
        var query = new RecordQuery(cursor, limit, actions, delta.or(() -> modifiedAfter), ids, strict);
        return new Asked(model, variant, query, latest);
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

    static Optional<Position> position(Fields fields, String name, String text) {
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
}
