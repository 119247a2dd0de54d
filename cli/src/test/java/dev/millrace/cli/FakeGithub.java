package dev.millrace.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/** As much of GitHub as the example project of the official CLI asks for: one repository, its issues on two pages. */
final class FakeGithub implements AutoCloseable {
    private final HttpServer server;

    FakeGithub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    /** A definitions file in which the provider {@code github} is this one. */
    Path definitions(Path folder) throws IOException {
        return Files.writeString(folder.resolve("github.yaml"), """
                github:
                    display_name: Example
                    categories: [dev-tools]
                    auth_mode: API_KEY
                    proxy:
                        base_url: %s
                        headers:
                            authorization: Bearer ${apiKey}
                        paginate:
                            type: link
                            limit_name_in_request: per_page
                            link_rel_in_response_header: next
                    credentials:
                        apiKey:
                            type: string
                            title: Key
                            description: Any text
                """.formatted(url()));
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var query = String.valueOf(exchange.getRequestURI().getQuery());
        if (path.equals("/user/repos")) {
            answer(exchange, "[{\"name\":\"r\",\"owner\":{\"login\":\"o\"}}]");
        } else if (path.equals("/repos/o/r/issues") && !query.contains("page=2")) {
            exchange.getResponseHeaders()
                    .add("Link", "<" + url() + "/repos/o/r/issues?per_page=100&page=2>; rel=\"next\"");
            answer(exchange, "[" + issue(1, "") + "," + issue(2, "") + "]");
        } else {
            answer(exchange, "[" + issue(3, ",\"pull_request\":{}") + "," + issue(4, "") + "]");
        }
    }

    private static String issue(int number, String more) {
        return """
                {"id":"i%1$d","number":%1$d,"title":"t","state":"open","body":"b","created_at":"2026-01-01T00:00:00Z",
                 "updated_at":"2026-01-01T00:00:00Z","user":{"login":"a","id":7}%2$s}""".formatted(number, more);
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
