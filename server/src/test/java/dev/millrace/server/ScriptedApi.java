package dev.millrace.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** A provider whose answers a test writes itself; it remembers what it was asked. */
final class ScriptedApi implements AutoCloseable {
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile Function<Asked, Given> script = _ -> Given.json(200, "{}");
    private final WebServer server = WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ZERO)
            .addProtocol(Http1Config.builder().validatePrologue(false).build())
            .routing(routing -> routing.any(this::serve))
            .build()
            .start();

    /** @param headers lower-case names */
    record Asked(String method, String path, String query, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String header(String name) {
            return headers.getOrDefault(name, "none");
        }
    }

    record Given(int status, Map<String, String> headers, byte[] body) {
        static Given json(int status, String body) {
            return new Given(status, Map.of("content-type", "application/json"), body.getBytes(StandardCharsets.UTF_8));
        }

        static Given json(JsonNode body) {
            return json(200, body.toString());
        }
    }

    String url() {
        return "http://localhost:" + server.port();
    }

    /** From now on it answers like this, and what it was asked before is forgotten. */
    void answers(Function<Asked, Given> next) {
        script = next;
        asked.clear();
    }

    List<Asked> asked() {
        return List.copyOf(asked);
    }

    private void serve(ServerRequest req, ServerResponse res) {
        var headers = new LinkedHashMap<String, String>();
        req.headers()
                .forEach(header -> headers.put(header.headerName().lowerCase(), String.join(", ", header.allValues())));
        var body = req.content().hasEntity() ? req.content().as(byte[].class) : new byte[0];
        var one = new Asked(
                req.prologue().method().text(),
                req.path().absolute().rawPath(),
                req.query().rawValue(),
                headers,
                body);
        asked.add(one);
        var given = script.apply(one);
        given.headers().forEach((name, value) -> res.header(HeaderNames.create(name), value));
        res.status(given.status()).send(given.body());
    }

    @Override
    public void close() {
        server.stop();
    }
}
