package dev.millrace.server.testkit;

import dev.millrace.server.http.PlainHttp;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** A provider whose answers a test writes itself; it remembers what it was asked. */
public final class ScriptedApi implements AutoCloseable {
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile Function<Asked, Given> script = _ -> Given.json(200, "{}");
    private final PlainHttp server =
            new PlainHttp(0, List.of(Route.any("/{path...}", this::serve), Route.any("/", this::serve)));

    /** @param headers lower-case names */
    public record Asked(String method, String path, String query, Map<String, String> headers, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public String header(String name) {
            return headers.getOrDefault(name, "none");
        }
    }

    public record Given(int status, Map<String, String> headers, byte[] body) {
        public static Given json(int status, String body) {
            return new Given(status, Map.of("content-type", "application/json"), body.getBytes(StandardCharsets.UTF_8));
        }

        public static Given json(JsonNode body) {
            return json(200, body.toString());
        }
    }

    public String url() {
        return "http://localhost:" + server.port();
    }

    /** From now on it answers like this, and what it was asked before is forgotten. */
    public void answers(Function<Asked, Given> next) {
        script = next;
        asked.clear();
    }

    public List<Asked> asked() {
        return List.copyOf(asked);
    }

    private Response serve(Request req) {
        var headers = new LinkedHashMap<String, String>();
        req.headers().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        var one = new Asked(req.method(), req.rawPath(), req.rawQuery(), headers, req.body());
        asked.add(one);
        var given = script.apply(one);
        var sent = new LinkedHashMap<String, List<String>>();
        given.headers().forEach((name, value) -> sent.put(name, List.of(value)));
        return new Response.Bytes(given.status(), sent, given.body());
    }

    @Override
    public void close() {
        server.close();
    }
}
