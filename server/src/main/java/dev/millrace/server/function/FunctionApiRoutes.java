package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The functions of one integration: list, read, delete, versions and rollback. */
public final class FunctionApiRoutes {
    private static final String FUNCTIONS = "/integrations/{uniqueKey}/functions";
    private static final String FUNCTION = FUNCTIONS + "/{name}";
    private static final List<String> KINDS = List.of("sync", "action", "on-event", "function");
    private static final int PAGE = 20;
    private static final int MOST = 100;
    private static final Comparator<Function> ORDER = Comparator.comparing(
                    (Function f) -> f.kind().wire())
            .thenComparing(Function::name)
            .thenComparing(Function::event);

    private final Functions functions;
    private final Integrations integrations;
    private final Rollbacks rollbacks;

    public FunctionApiRoutes(Functions functions, Integrations integrations, Deploys deploys) {
        this.functions = functions;
        this.integrations = integrations;
        this.rollbacks = deploys.rollbacks();
    }

    public List<Route> routes() {
        return List.of(
                Route.get(FUNCTIONS, this::list, "environment:functions:list"),
                Route.get(FUNCTION, this::read, "environment:functions:read"),
                Route.get(FUNCTION + "/code", this::code, "environment:functions:read"),
                Route.delete(FUNCTION, this::delete, "environment:functions:delete"),
                Route.get(FUNCTION + "/versions", this::versions, "environment:functions:read"),
                Route.get(FUNCTION + "/versions/{id}", this::version, "environment:functions:read"),
                Route.post(FUNCTION + "/rollback", this::rollback, "environment:deploy"));
    }

    private Response list(Request request) {
        var query = request.query();
        var kind = query.optionalChoice("type", KINDS).map(Kind::of);
        var search = search(query);
        int page = query.optionalInt("page", 0, Integer.MAX_VALUE).orElse(0);
        int limit = query.optionalInt("limit", 1, MOST).orElse(PAGE);
        query.end();
        var found = functions.ofIntegration(integration(request).id()).stream()
                .filter(f -> kind.isEmpty() ? f.kind() != Kind.FUNCTION : f.kind() == kind.get())
                .filter(f -> search.isEmpty()
                        || f.name()
                                .toLowerCase(Locale.ROOT)
                                .contains(search.get().toLowerCase(Locale.ROOT)))
                .sorted(ORDER)
                .toList();
        var answer = Json.object();
        var data = answer.putArray("data");
        found.stream()
                .skip((long) page * limit)
                .limit(limit)
                .map(FunctionView::of)
                .forEach(data::add);
        answer.putObject("pagination")
                .put("total", found.size())
                .put("page", page)
                .put("limit", limit);
        return Response.ok(answer);
    }

    private static Optional<String> search(Fields query) {
        var search = query.optionalText("search", Text.ANY).map(String::strip);
        search.filter(s -> s.isEmpty() || s.length() > 255)
                .ifPresent(s -> query.issue(
                        s.isEmpty() ? "too_small" : "too_big",
                        s.isEmpty()
                                ? "Too small: expected string to have >=1 characters"
                                : "Too big: expected string to have <=255 characters",
                        "search"));
        return search;
    }

    private Response read(Request request) {
        return Response.ok(Json.object().set("data", FunctionView.of(one(request))));
    }

    private Response code(Request request) {
        var function = one(request);
        return Response.ok(Json.object().put("type", function.kind().wire()).put("code", functions.source(function)));
    }

    private Response delete(Request request) {
        var query = request.query();
        var kind = Kind.of(query.choice("type", List.of("sync", "action", "function")));
        query.end();
        var name = name(request);
        var function = functions.find(integration(request).id(), kind, name).orElseThrow(Refusals::unknownFunction);
        if (function.source().equals("repo")) {
            throw Failure.plain(
                    400,
                    "function_managed_by_deploy",
                    "The " + kind.wire() + " " + name
                            + " was deployed from a project. Remove it there and deploy the project again.");
        }
        rollbacks.remove(function);
        var answer = Json.object();
        answer.putObject("data").put("success", true);
        return Response.ok(answer);
    }

    private Response versions(Request request) {
        var kind = kind(request);
        var answer = Json.object();
        var data = answer.putArray("data");
        rollbacks.versions(integration(request), name(request), kind).stream()
                .map(FunctionView::of)
                .forEach(data::add);
        return Response.ok(answer);
    }

    private Response version(Request request) {
        var kind = kind(request);
        var name = name(request);
        var kept = rollbacks.versions(integration(request), name, kind);
        var version = Rollbacks.byId(kept, name, number(request.variable("id")));
        var node = FunctionView.of(version).put("code", functions.source(version.function()));
        return Response.ok(Json.object().set("data", node));
    }

    private static long number(String id) {
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    private Response rollback(Request request) {
        var kind = kind(request);
        var body = request.bodyFields();
        var id = body.optionalInt("id", 1, Integer.MAX_VALUE);
        body.end();
        var wanted = id.isPresent() ? Optional.of((long) id.getAsInt()) : Optional.<Long>empty();
        var version = rollbacks.rollback(
                integration(request),
                name(request),
                kind,
                wanted,
                request.caller().key());
        return Response.ok(Json.object().set("data", FunctionView.of(version)));
    }

    private Function one(Request request) {
        var kind = kind(request);
        var found = functions.named(integration(request).id(), name(request), kind);
        if (found.isEmpty()) {
            throw Refusals.unknownFunction();
        }
        Refusals.ambiguous(found);
        return found.getFirst();
    }

    private static Optional<Kind> kind(Request request) {
        var query = request.query();
        var kind = query.optionalChoice("type", KINDS).map(Kind::of);
        query.end();
        return kind;
    }

    private static String name(Request request) {
        var path = request.path();
        path.text("uniqueKey", Text.INTEGRATION_ID);
        var name = path.text("name", Text.NAME);
        path.end();
        return name;
    }

    private Integration integration(Request request) {
        return integrations
                .find(request.environment(), request.variable("uniqueKey"))
                .orElseThrow(() -> Failure.plain(404, "not_found", "Integration does not exist"));
    }
}
