package dev.millrace.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.concurrent.Executors;

/** A provider that people sign in to: a page that asks them, and tokens for those who have allowed it. */
final class FakeLogin implements AutoCloseable {
    private final HttpServer server;

    FakeLogin() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/authorize", this::ask);
        server.createContext("/token", this::token);
        server.start();
    }

    /** A definitions file: a provider with a login, and one with a form. */
    Path definitions(Path folder) throws IOException {
        return Files.writeString(folder.resolve("login.yaml"), """
                login:
                    display_name: Login Works
                    docs: https://docs.example
                    auth_mode: OAUTH2
                    authorization_url: @url/authorize
                    token_url: @url/token
                    proxy: {base_url: @url}
                form:
                    display_name: Form Works
                    docs: https://docs.example
                    docs_connect: https://docs.example/connect
                    auth_mode: API_KEY
                    proxy: {base_url: @url, headers: {x-api-key: '${apiKey}'}}
                    credentials:
                        apiKey: {type: string, title: API key, description: From your settings., secret: true}
                    connection_config:
                        site: {type: string, title: Site, description: Of your address., suffix: .form.example, pattern: '^[a-z]+$', order: 1}
                """.replace(
                        "@url", "http://127.0.0.1:" + server.getAddress().getPort()));
    }

    private void ask(HttpExchange exchange) throws IOException {
        var query = new HashMap<String, String>();
        for (var pair : exchange.getRequestURI().getRawQuery().split("&", -1)) {
            int equals = pair.indexOf('=');
            query.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        var back = query.get("redirect_uri") + "?state=" + query.get("state");
        answer(exchange, "text/html", """
                <!doctype html><title>Login Works</title><h1>Allow?</h1>
                <a id="allow" href="%1$s&amp;code=c1">Allow</a>
                <a id="deny" href="%1$s&amp;error=access_denied&amp;error_description=Denied">Deny</a>
                """.formatted(back));
    }

    private void token(HttpExchange exchange) throws IOException {
        answer(
                exchange,
                "application/json",
                "{\"access_token\":\"token-1\",\"refresh_token\":\"refresh-1\",\"expires_in\":3600}");
    }

    private static void answer(HttpExchange exchange, String type, String body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().add("Content-Type", type);
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
