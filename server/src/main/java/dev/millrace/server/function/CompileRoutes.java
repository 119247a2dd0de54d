package dev.millrace.server.function;

import dev.millrace.server.function.js.Compiler;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.http.Times;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** {@code POST /functions/compile}: compiles source text to a bundle. */
public final class CompileRoutes {
    private final Compiler compiler;
    private final Clock clock;

    public CompileRoutes(Compiler compiler, Clock clock) {
        this.compiler = compiler;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(Route.post("/functions/compile", this::compile, "environment:functions:compile"));
    }

    private Response compile(Request request) throws InterruptedException {
        request.noQuery();
        var body = request.bodyFields();
        var code = body.text("code", Text.between(1, Integer.MAX_VALUE));
        body.end();
        var compiled = compiler.compile(new Compiler.Source(code, "integration", "function", Optional.empty()));
        return Response.ok(Json.object()
                .put("bundle_size_bytes", compiled.js().getBytes(StandardCharsets.UTF_8).length)
                .put("bundled_js", compiled.js())
                .put("compiled_at", Times.utc(clock.instant())));
    }
}
