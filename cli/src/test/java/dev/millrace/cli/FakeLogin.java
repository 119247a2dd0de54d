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
        server.createContext("/request", FakeLogin::signed);
        server.createContext("/access", FakeLogin::signed);
        server.createContext("/.well-known/oauth-authorization-server", this::metadata);
        server.createContext("/register", exchange -> answer(exchange, "application/json", "{\"client_id\":\"c\"}"));
        server.createContext("/sts", FakeLogin::role);
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
                signed:
                    display_name: Signed Works
                    docs: https://docs.example
                    auth_mode: OAUTH1
                    request_url: @url/request
                    authorization_url: @url/authorize
                    token_url: @url/access
                    proxy: {base_url: @url}
                tools:
                    display_name: Tools Works
                    docs: https://docs.example
                    auth_mode: MCP_OAUTH2_GENERIC
                    proxy: {base_url: '${connectionConfig.mcp_server_url}'}
                role:
                    display_name: Role Works
                    docs: https://docs.example
                    auth_mode: AWS_SIGV4
                    proxy: {base_url: @url}
                robot:
                    display_name: Robot Works
                    docs: https://docs.example
                    auth_mode: APP
                    authorization_url: '${connectionConfig.appPublicLink}/authorize'
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
        var back = query.containsKey("oauth_callback")
                ? query.get("oauth_callback") + "&oauth_verifier=v&oauth_token=" + query.get("oauth_token")
                : query.get("redirect_uri") + "?state=" + query.get("state");
        answer(exchange, "text/html", """
                <!doctype html><title>Login Works</title><h1>Allow?</h1>
                <a id="allow" href="%1$s&amp;code=c1">Allow</a>
                <a id="deny" href="%1$s&amp;error=access_denied&amp;error_description=Denied">Deny</a>
                """.formatted(back));
    }

    private static void signed(HttpExchange exchange) throws IOException {
        answer(exchange, "application/x-www-form-urlencoded", "oauth_token=t1&oauth_token_secret=s1");
    }

    private void metadata(HttpExchange exchange) throws IOException {
        var url = "http://127.0.0.1:" + server.getAddress().getPort();
        answer(
                exchange,
                "application/json",
                "{\"issuer\":\"" + url + "\",\"authorization_endpoint\":\"" + url + "/authorize\",\"token_endpoint\":\""
                        + url + "/token\",\"registration_endpoint\":\"" + url + "/register\"}");
    }

    private static void role(HttpExchange exchange) throws IOException {
        answer(
                exchange,
                "application/json",
                "{\"accessKeyId\":\"a\",\"secretAccessKey\":\"s\",\"sessionToken\":\"t\"}");
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
