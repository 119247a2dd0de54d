package dev.millrace.server.ui;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Issue;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.metadata.Actor;
import dev.millrace.server.metadata.Address;
import dev.millrace.server.metadata.Current;
import dev.millrace.server.metadata.Edit;
import dev.millrace.server.metadata.Metadata;
import dev.millrace.server.metadata.MetadataHistory;
import dev.millrace.server.metadata.UnknownConnection;
import dev.millrace.server.metadata.Version;
import dev.millrace.server.metadata.WriteResult;
import dev.millrace.server.schema.MetadataField;
import dev.millrace.server.schema.MetadataSchemas;
import dev.millrace.server.schema.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Edits the metadata of a connection, and shows, compares and restores its versions. */
public final class MetadataPages {
    private static final String PATH = "/connections/{integration}/{id}/metadata";
    private static final int PAGE = 20;
    private static final int MOST_CHANGES = 4;
    private static final int CONFLICT = 412;

    // Forms are at most 256 KB, and most characters of JSON are longer in a form.
    private static final int LONGEST_EDITED = 80_000;

    private final Dashboard dashboard;
    private final Connections connections;
    private final Metadata metadata;
    private final MetadataHistory history;
    private final MetadataSchemas schemas;

    public MetadataPages(
            Dashboard dashboard,
            Connections connections,
            Metadata metadata,
            MetadataHistory history,
            MetadataSchemas schemas) {
        this.dashboard = dashboard;
        this.connections = connections;
        this.metadata = metadata;
        this.history = history;
        this.schemas = schemas;
    }

    public List<Route> routes() {
        return List.of(
                dashboard.get(PATH, this::show),
                dashboard.post(PATH, this::save),
                dashboard.post(PATH + "/restore", this::restore));
    }

    /**
     * The editor and what is beside it.
     *
     * @param version that the text follows
     * @param text as stored or as typed
     * @param tooLong whether the text is too long for a form
     * @param error why the text was not saved; may be empty
     * @param problems in which the text is not what functions expect
     * @param conflict set: somebody else has saved meanwhile
     * @param done what a form has done; may be empty
     * @param notice why a version was not restored; may be empty
     */
    record Editor(
            String integration,
            String connection,
            long version,
            String text,
            boolean tooLong,
            String error,
            List<Problem> problems,
            Optional<Conflict> conflict,
            List<MetadataField> fields,
            String done,
            String notice) {}

    /**
     * What somebody else has saved.
     *
     * @param since the version that was edited
     * @param changes what saving the typed text would change
     */
    record Conflict(
            long since, long version, String actor, Optional<Instant> at, String text, List<LineDiff.Line> changes) {}

    /** A version in the history. */
    record Entry(long version, Instant at, String actor, String changes) {}

    /** Two versions side by side; the lines are missing when one of them is no longer kept. */
    record Compared(long from, long to, Optional<List<LineDiff.Line>> lines) {}

    /**
     * @param numbers of the versions that can be chosen for a comparison
     * @param older from which version on the next page is; empty on the last one
     */
    record Past(
            List<Entry> entries,
            List<Long> numbers,
            Optional<Compared> compared,
            Optional<Long> older,
            boolean isFirst) {}

    private Connection connection(Visit visit) {
        var integration = visit.variable("integration");
        var id = visit.variable("id");
        return connections
                .find(visit.environmentId(), integration, id)
                .orElseThrow(() -> visit.missing("There is no connection “" + id + "” of " + integration + "."));
    }

    private static Address address(Visit visit, Connection connection) {
        return new Address(visit.environmentId(), connection.integration(), connection.connectionId());
    }

    private Response show(Visit visit) {
        var connection = connection(visit);
        var current = current(visit, connection);
        return page(visit, 200, stored(visit, connection, current, ""));
    }

    private Current current(Visit visit, Connection connection) {
        try {
            return metadata.read(address(visit, connection));
        } catch (UnknownConnection _) {
            throw visit.missing("The connection has been deleted.");
        }
    }

    private Editor stored(Visit visit, Connection connection, Current current, String notice) {
        var object = current.text().map(Json::parse);
        return new Editor(
                connection.integration(),
                connection.connectionId(),
                current.version(),
                object.map(JsonText::pretty).orElse(""),
                current.text().orElse("").length() > LONGEST_EDITED,
                "",
                problems(connection, object.orElse(Json.object())),
                Optional.empty(),
                schemas.fields(connection.integrationId()),
                visit.query().text("done"),
                notice);
    }

    private List<Problem> problems(Connection connection, JsonNode object) {
        return schemas.problems(connection.integrationId(), object);
    }

    private Response page(Visit visit, int status, Editor editor) {
        var address = new Address(visit.environmentId(), editor.integration(), editor.connection());
        var past = past(visit, address);
        return visit.page(
                status,
                "Metadata of " + editor.connection(),
                Section.CONNECTIONS,
                (out, page) -> JtemetadataGenerated.render(out, Html.NONE, page, editor, past));
    }

    private Past past(Visit visit, Address address) {
        var before = number(visit, "before");
        var versions = history.page(address, before.orElse(Long.MAX_VALUE), PAGE + 1);
        var entries = versions.stream().limit(PAGE).map(MetadataPages::entry).toList();
        var compared = compared(visit, address);
        var numbers = new LinkedHashSet<Long>();
        entries.forEach(entry -> numbers.add(entry.version()));
        compared.ifPresent(both -> {
            numbers.add(both.from());
            numbers.add(both.to());
        });
        return new Past(
                entries,
                numbers.stream().sorted((a, b) -> Long.compare(b, a)).toList(),
                compared,
                versions.size() > PAGE ? Optional.of(entries.getLast().version()) : Optional.empty(),
                before.isEmpty());
    }

    private static Optional<Long> number(Visit visit, String name) {
        return visit.query().find(name).filter(MetadataPages::isNumber).map(Long::valueOf);
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,18}");
    }

    private static Entry entry(Version version) {
        return new Entry(version.version(), version.changedAt(), actor(version.actor()), changes(version.patch()));
    }

    /** A kind, a colon, a name. */
    private static String actor(String text) {
        int colon = text.indexOf(':');
        var kind = colon < 0 ? text : text.substring(0, colon).replace('-', ' ');
        return colon < 0 || kind.equals("dashboard") ? kind : kind + ' ' + text.substring(colon + 1);
    }

    /** What a JSON Patch does, in words. */
    private static String changes(String patch) {
        var words = new ArrayList<String>();
        for (var operation : Json.parse(patch)) {
            var path = operation.path("path").asString("");
            var name = path.isEmpty()
                    ? "everything"
                    : path.substring(1).replace('/', '.').replace("~1", "/").replace("~0", "~");
            var verb = switch (operation.path("op").asString("")) {
                case "add" -> "adds ";
                case "remove" -> "removes ";
                default -> "sets ";
            };
            words.add(verb + View.shortened(name, 60));
        }
        var first = words.stream().limit(MOST_CHANGES).collect(Collectors.joining(", "));
        return words.size() > MOST_CHANGES ? first + " and " + (words.size() - MOST_CHANGES) + " more" : first;
    }

    private Optional<Compared> compared(Visit visit, Address address) {
        var from = number(visit, "from");
        var to = number(visit, "to");
        if (from.isEmpty() || to.isEmpty()) {
            return Optional.empty();
        }
        var before = text(address, from.get());
        var after = text(address, to.get());
        var lines = before.isPresent() && after.isPresent()
                ? Optional.of(LineDiff.of(before.get(), after.get()))
                : Optional.<List<LineDiff.Line>>empty();
        return Optional.of(new Compared(from.get(), to.get(), lines));
    }

    /** Version 0 is before the first one. */
    private Optional<String> text(Address address, long version) {
        return version == 0
                ? Optional.of("")
                : history.find(address, version).map(found -> JsonText.pretty(found.metadata()));
    }

    private Response save(Visit visit) {
        var connection = connection(visit);
        var typed = visit.form().text("metadata");
        var version = visit.form().text("version");
        if (!isNumber(version)) {
            throw Failure.plain(400, "invalid_version", "The form does not say which version it changes.");
        }
        JsonNode object;
        try {
            object = Json.parse(typed);
        } catch (JacksonException e) {
            return refused(visit, connection, typed, "This is not valid JSON. " + JsonText.fault(e), List.of());
        }
        if (!object.isObject() && !object.isMissingNode()) {
            return refused(
                    visit,
                    connection,
                    typed,
                    "Metadata is one JSON object: it begins with { and ends with }.",
                    List.of());
        }
        var edit = object instanceof ObjectNode whole ? Edit.replace(whole) : Edit.remove();
        try {
            var written = write(visit, connection, Long.parseLong(version), edit);
            return done(visit, connection, written.current().version() == Long.parseLong(version) ? "same" : "saved");
        } catch (Failure failure) {
            return failure.status() == CONFLICT
                    ? conflict(visit, connection, typed, object, Long.parseLong(version))
                    : refused(visit, connection, typed, reason(failure), problems(connection, object));
        }
    }

    private WriteResult write(Visit visit, Connection connection, long version, Edit edit) {
        try {
            return metadata.writeAfter(version, address(visit, connection), edit, Actor.dashboard());
        } catch (UnknownConnection _) {
            throw visit.missing("The connection has been deleted meanwhile. Nothing was saved.");
        }
    }

    private static String reason(Failure failure) {
        if (failure instanceof Failure.Invalid invalid) {
            return invalid.issues().stream().map(MetadataPages::reason).collect(Collectors.joining(" "));
        }
        return Optional.ofNullable(failure.getMessage())
                .orElse("The functions do not accept it. See the fields below.");
    }

    private static String reason(Issue issue) {
        return (issue.path().isEmpty() ? "" : String.join(".", issue.path()) + ": ") + issue.message() + '.';
    }

    /** The page with what was typed, which follows the same version as before. */
    private Response refused(Visit visit, Connection connection, String typed, String error, List<Problem> problems) {
        return page(
                visit,
                400,
                typed(connection, Long.parseLong(visit.form().text("version")), typed, error, problems, null));
    }

    private Editor typed(
            Connection connection,
            long version,
            String typed,
            String error,
            List<Problem> problems,
            @Nullable Conflict conflict) {
        return new Editor(
                connection.integration(),
                connection.connectionId(),
                version,
                typed,
                false,
                error,
                problems,
                Optional.ofNullable(conflict),
                schemas.fields(connection.integrationId()),
                "",
                "");
    }

    /** The page with both texts; saving again follows the version that is shown now. */
    private Response conflict(Visit visit, Connection connection, String typed, JsonNode object, long since) {
        var current = current(visit, connection);
        var theirs = current.text().map(JsonText::pretty).orElse("");
        var mine = object.isMissingNode() ? "" : JsonText.pretty(object);
        var saved = history.find(address(visit, connection), current.version());
        var conflict = new Conflict(
                since,
                current.version(),
                saved.map(version -> actor(version.actor())).orElse("somebody else"),
                saved.map(Version::changedAt),
                theirs,
                LineDiff.of(theirs, mine));
        return page(
                visit, 409, typed(connection, current.version(), typed, "", problems(connection, object), conflict));
    }

    private static Response done(Visit visit, Connection connection, String what) {
        var path = visit.link("connections", connection.integration(), connection.connectionId(), "metadata");
        return visit.to(path + "?done=" + what);
    }

    private Response restore(Visit visit) {
        var connection = connection(visit);
        var wanted = visit.form().text("version");
        var current = visit.form().text("current");
        if (!isNumber(wanted) || !isNumber(current)) {
            throw Failure.plain(400, "invalid_version", "The form does not say which version it restores.");
        }
        var version = history.find(address(visit, connection), Long.parseLong(wanted))
                .orElseThrow(() -> visit.missing("Version " + wanted + " is no longer kept. Nothing was changed."));
        var edit = Json.parse(version.metadata()) instanceof ObjectNode object ? Edit.replace(object) : Edit.remove();
        try {
            var written = write(visit, connection, Long.parseLong(current), edit);
            return done(
                    visit, connection, written.current().version() == Long.parseLong(current) ? "same" : "restored");
        } catch (Failure failure) {
            var why = failure.status() == CONFLICT
                    ? "Version " + wanted + " was not restored, because somebody has saved a newer version than "
                            + current + " meanwhile. It is shown here."
                    : "Version " + wanted + " was not restored. " + reason(failure);
            return page(
                    visit,
                    failure.status() == CONFLICT ? 409 : 400,
                    stored(visit, connection, current(visit, connection), why));
        }
    }
}
