package dev.millrace.server.ui;

import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.Rollbacks;
import dev.millrace.server.function.Version;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Functions: the list, and one with its versions, their code and rollback. */
public final class FunctionPages {
    private static final String ACTOR = "dashboard";

    private final Dashboard dashboard;
    private final Functions functions;
    private final Rollbacks rollbacks;
    private final Integrations integrations;

    public FunctionPages(Dashboard dashboard, Functions functions, Rollbacks rollbacks, Integrations integrations) {
        this.dashboard = dashboard;
        this.functions = functions;
        this.rollbacks = rollbacks;
        this.integrations = integrations;
    }

    public List<Route> routes() {
        var one = "/functions/{integration}/{name}";
        return List.of(
                dashboard.get("/functions", this::list),
                dashboard.get(one, this::show),
                dashboard.post(one + "/rollback", this::rollback));
    }

    /** When a function runs, in the list. */
    static String runs(Function function) {
        return switch (function.kind()) {
            case SYNC -> function.runs().orElse("on request");
            case ON_EVENT -> "on " + function.event();
            case ACTION -> "on request";
            case FUNCTION -> function.runs().orElse("by its trigger");
        };
    }

    private Response list(Visit visit) {
        var search = visit.query().find("q").orElse("");
        var integration = visit.query().find("integration").orElse("");
        var rows = functions.all(visit.environmentId()).stream()
                .filter(function -> function.name().toLowerCase(Locale.ROOT).contains(search.toLowerCase(Locale.ROOT)))
                .filter(function ->
                        integration.isEmpty() || function.integration().equals(integration))
                .sorted(Comparator.comparing(Function::integration)
                        .thenComparing(Function::name)
                        .thenComparing(Function::kind))
                .toList();
        var keys = integrations.list(visit.environmentId()).stream()
                .map(Integration::uniqueKey)
                .toList();
        return visit.page(
                "Functions",
                Section.FUNCTIONS,
                (out, page) -> JtefunctionsGenerated.render(out, Html.NONE, page, rows, keys, search, integration));
    }

    /**
     * One function.
     *
     * @param shown the version whose code is shown
     * @param compared the version that it is compared with
     */
    record Shown(
            Integration integration,
            String name,
            Optional<Version> active,
            List<Version> versions,
            Version shown,
            String code,
            Optional<Version> compared,
            List<LineDiff.Line> changes,
            String done) {
        String kind() {
            return shown.function().kind().wire();
        }
    }

    private Integration integration(Visit visit) {
        var key = visit.variable("integration");
        return integrations
                .find(visit.environmentId(), key)
                .orElseThrow(() -> visit.missing("There is no integration “" + key + "”."));
    }

    /** Two functions of different kinds may have one name; {@code kind} in the query tells which is meant. */
    private static Optional<Kind> kind(FormData query) {
        return query.find("kind")
                .flatMap(text -> Arrays.stream(Kind.values())
                        .filter(kind -> kind.wire().equals(text))
                        .findFirst());
    }

    private List<Version> versions(Visit visit, Integration integration, String name, Optional<Kind> kind) {
        try {
            return rollbacks.versions(integration, name, kind);
        } catch (Failure failure) {
            if (failure.status() == 404) {
                return kind.isEmpty()
                        ? versions(visit, integration, name, Optional.of(Kind.FUNCTION))
                        : none(visit, name);
            }
            throw failure;
        }
    }

    private static List<Version> none(Visit visit, String name) {
        throw visit.missing("No function “" + name + "” is deployed.");
    }

    private Response show(Visit visit) {
        var integration = integration(visit);
        var name = visit.variable("name");
        var versions = versions(visit, integration, name, kind(visit.query()));
        var active = versions.stream().filter(Version::active).findFirst();
        var shown = chosen(visit, "version", versions).orElse(active.orElse(versions.getFirst()));
        var compared = chosen(visit, "against", versions);
        var code = code(shown);
        var changes = compared.map(other -> LineDiff.of(code(other), code)).orElse(List.of());
        var done = visit.query().has("done") ? "Version " + shown.function().version() + " is active now." : "";
        var model = new Shown(integration, name, active, versions, shown, code, compared, changes, done);
        return visit.page(
                name, Section.FUNCTIONS, (out, page) -> JtefunctionGenerated.render(out, Html.NONE, page, model));
    }

    /** The source, or what is executed if there is no source. */
    private String code(Version version) {
        var source = functions.source(version.function());
        return source.isBlank()
                ? functions.script(version.function()).map(Script::code).orElse("")
                : source;
    }

    private static Optional<Version> chosen(Visit visit, String parameter, List<Version> versions) {
        var id = visit.query().find(parameter).orElse("");
        return versions.stream()
                .filter(version -> Long.toString(version.function().id()).equals(id))
                .findFirst();
    }

    private Response rollback(Visit visit) {
        var integration = integration(visit);
        var name = visit.variable("name");
        var kind = kind(visit.form());
        var version = versions(visit, integration, name, kind).stream()
                .filter(kept ->
                        Long.toString(kept.function().id()).equals(visit.form().text("version")))
                .findFirst()
                .orElseThrow(() -> visit.missing("This version of “" + name + "” is no longer kept."));
        rollbacks.rollback(
                integration, name, kind, Optional.of(version.function().id()), ACTOR);
        return visit.to(visit.link("functions", integration.uniqueKey(), name) + "?kind="
                + version.function().kind().wire() + "&done=rollback");
    }
}
