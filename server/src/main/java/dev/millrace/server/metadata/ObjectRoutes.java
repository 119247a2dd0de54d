package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.http.Times;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** {@code /connections/{connectionId}/metadata}: the object of one connection, with its versions and history. */
public final class ObjectRoutes {
    private static final String PATH = "/connections/{connectionId}/metadata";
    private static final int MOST = 100;
    private static final int PAGE = 20;

    private final Metadata metadata;
    private final MetadataHistory history;

    public ObjectRoutes(Metadata metadata, MetadataHistory history) {
        this.metadata = metadata;
        this.history = history;
    }

    private interface Use {
        Response of(Address address);
    }

    public List<Route> routes() {
        var read = List.of("environment:connections:read", "environment:connections:read_credentials");
        return List.of(
                new Route("GET", PATH, read, false, this::get),
                Route.post(PATH, this::set, MetadataRoutes.SCOPE),
                MetadataRoutes.patch(PATH, this::update),
                Route.delete(PATH, this::delete, MetadataRoutes.SCOPE),
                new Route("GET", PATH + "/history", read, false, this::history),
                new Route("GET", PATH + "/history/{version}", read, false, this::version),
                Route.post(PATH + "/restore", this::restore, MetadataRoutes.SCOPE));
    }

    /** The integration, named in the query or in the header that action and record requests use. */
    private static String integration(Request request, Fields query) {
        var named = query.optionalText("provider_config_key", Text.INTEGRATION_ID)
                .or(() -> request.header("Provider-Config-Key"));
        if (named.isEmpty()) {
            query.issue(
                    "invalid_type",
                    "Invalid input: expected string, received undefined (the header Provider-Config-Key will do too)",
                    "provider_config_key");
        }
        return named.orElse("");
    }

    private static Optional<Pointer> path(Fields query) {
        var text = query.optionalText("path", Text.ANY);
        var pointer = text.flatMap(Pointer::parse);
        if (text.isPresent() && pointer.isEmpty()) {
            query.issue("invalid_format", "Invalid JSON Pointer: begin with \"/\", write ~ as ~0 and / as ~1", "path");
        }
        return pointer;
    }

    private static Response with(Request request, Fields query, Use use) {
        var integration = integration(request, query);
        query.end();
        var address = Replies.address(request, integration);
        try {
            return use.of(address);
        } catch (UnknownConnection e) {
            throw Replies.unknown(e.connectionId(), integration, false);
        }
    }

    private Response get(Request request) {
        var query = request.query();
        var path = path(query);
        return with(request, query, address -> {
            var current = metadata.read(address);
            var body = path.isEmpty() ? current.body() : part(current, path.get());
            return Response.versioned(200, current.version(), body);
        });
    }

    private static byte[] part(Current current, Pointer path) {
        return Json.bytes(current.text().map(Json::parse).flatMap(path::find).orElseThrow(() -> nothingAt(path)));
    }

    private static Failure nothingAt(Pointer path) {
        return Failure.plain(404, "not_found", "The metadata has nothing at \"" + path.text() + "\".");
    }

    private Response set(Request request) {
        return with(request, request.query(), address -> {
            var edit = Edit.replace(MetadataRoutes.object(request.json()));
            return written(201, write(request, address, edit));
        });
    }

    private Response update(Request request) {
        var type = PatchType.of(request);
        return with(
                request, request.query(), address -> written(200, write(request, address, type.edit(request.json()))));
    }

    private Response delete(Request request) {
        var query = request.query();
        var path = path(query);
        return with(request, query, address -> {
            var edit = path.map(ObjectRoutes::removal).orElseGet(Edit::remove);
            var body = Json.bytes(Json.object().put("success", true));
            return Replies.written(200, write(request, address, edit), body);
        });
    }

    private static Edit removal(Pointer path) {
        return current -> {
            if (current == null || path.find(current).isEmpty()) {
                throw nothingAt(path);
            }
            return Edit.remove(path).apply(current);
        };
    }

    private WriteResult write(Request request, Address address, Edit edit) {
        return metadata.write(address, edit, Actor.key(request.caller()), Replies.ifMatch(request));
    }

    private static Response written(int status, WriteResult written) {
        return Replies.written(status, written, written.current().body());
    }

    private Response history(Request request) {
        var query = request.query();
        int limit = query.optionalInt("limit", 1, MOST).orElse(PAGE);
        var cursor = query.optionalText("cursor", Text.matching("^[0-9]{1,18}$"));
        return with(request, query, address -> {
            var versions = history.page(address, cursor.map(Long::valueOf).orElse(Long.MAX_VALUE), limit + 1);
            var body = Json.object();
            var items = body.putArray("history");
            versions.stream().limit(limit).forEach(v -> items.add(item(v)));
            var last = versions.size() > limit
                    ? String.valueOf(versions.get(limit - 1).version())
                    : null;
            return Response.ok(body.put("next_cursor", last));
        });
    }

    private static ObjectNode item(Version version) {
        return Json.object()
                .put("version", version.version())
                .put("changed_at", Times.utc(version.changedAt()))
                .put("actor", version.actor())
                .putRawValue("patch", new RawValue(version.patch()));
    }

    private Response version(Request request) {
        var number = Text.matching("^[0-9]{1,18}$");
        var path = request.path();
        var wanted = path.text("version", number);
        path.end();
        return with(request, request.query(), address -> {
            var version = version(address, Long.parseLong(wanted));
            return Response.ok(item(version).putRawValue("metadata", new RawValue(version.metadata())));
        });
    }

    private Version version(Address address, long number) {
        return history.find(address, number)
                .orElseThrow(() -> Failure.plain(
                        404, "not_found", "The history has no version " + number + " of this metadata (any more)."));
    }

    private Response restore(Request request) {
        return with(request, request.query(), address -> {
            var body = request.bodyFields();
            int number = body.optionalInt("version", 1, Integer.MAX_VALUE).orElse(0);
            if (!body.has("version")) {
                body.issue("invalid_type", "Invalid input: expected number, received undefined", "version");
            }
            body.end();
            var object = Json.parse(version(address, number).metadata());
            var edit = object instanceof ObjectNode o ? Edit.replace(o) : Edit.remove();
            return written(200, write(request, address, edit));
        });
    }
}
