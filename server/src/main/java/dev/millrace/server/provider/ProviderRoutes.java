package dev.millrace.server.provider;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.List;
import java.util.function.Supplier;

/** The endpoints of the catalogue. */
public final class ProviderRoutes {
    private final Providers providers;
    private final Supplier<String> publicUrl;

    /** @param publicUrl the URL of this server for links, without a trailing slash */
    public ProviderRoutes(Providers providers, Supplier<String> publicUrl) {
        this.providers = providers;
        this.publicUrl = publicUrl;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/providers", this::list).withAnyKeyOrSession(),
                Route.get("/providers/{provider}", this::one).withAnyKeyOrSession(),
                Route.get("/providers/{provider}/templates", this::templates).withAnyKey(),
                Route.get("/providers.json", this::map));
    }

    private Response list(Request request) {
        var query = request.query();
        var search = query.optionalText("search", Text.INTEGRATION_ID);
        query.end();
        var url = publicUrl.get();
        var answer = Json.object();
        var data = answer.putArray("data");
        providers.search(search.orElse("")).forEach(provider -> data.add(provider.shown(url)));
        return Response.ok(answer);
    }

    private Response one(Request request) {
        request.noQuery();
        var answer = Json.object();
        answer.set("data", named(request).shown(publicUrl.get()));
        return Response.ok(answer);
    }

    /** Ready-made functions of a provider: always empty, because this server has no catalogue of functions. */
    private Response templates(Request request) {
        request.noQuery();
        named(request);
        var answer = Json.object();
        answer.putArray("data");
        return Response.ok(answer);
    }

    private Provider named(Request request) {
        var name = request.variable("provider");
        return providers.find(name).orElseThrow(() -> Failure.plain(404, "not_found", "Unknown provider " + name));
    }

    private Response map(Request request) {
        var answer = Json.object();
        providers.search("").forEach(provider -> answer.set(provider.name(), provider.definition()));
        return Response.ok(answer);
    }
}
