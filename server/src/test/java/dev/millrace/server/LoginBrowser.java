package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.TestServer;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.WebSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The browser of a person who logs in: it reaches the server by the host of its public address. */
final class LoginBrowser implements AutoCloseable {
    private final TestServer server;
    private final RawClient http;

    LoginBrowser(TestServer server) {
        this.server = server;
        http = new RawClient(URI.create("http://localhost:" + server.url().getPort()), "none");
    }

    String session(String body) {
        var reply = server.raw().post("/connect/sessions", body);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
        return reply.json().at("/data/token").stringValue();
    }

    Reply get(String path, @Nullable String cookie) {
        return get(http, path, cookie);
    }

    static Reply get(RawClient from, String path, @Nullable String cookie) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Authorization", "none");
        if (cookie != null) {
            headers.put("Cookie", cookie);
        }
        return from.send("GET", path, headers, BodyPublishers.noBody());
    }

    Reply begin(String integration, String query) {
        var token = session("{\"end_user\":{\"id\":\"u1\"}}");
        return get("/oauth/connect/" + integration + "?connect_session_token=" + token + query, null);
    }

    /** What the person's browser holds on its way to the provider. */
    record Left(URI location, Map<String, String> query, String cookie) {
        static Left of(Reply reply) {
            assertThat(reply.status()).as(reply.toString()).isEqualTo(302);
            var location = URI.create(reply.headers().firstValue("Location").orElseThrow());
            var text = location.toString();
            var cookie = reply.headers().firstValue("Set-Cookie").orElseThrow();
            return new Left(
                    location, pairs(text.substring(text.indexOf('?') + 1)), cookie.substring(0, cookie.indexOf(';')));
        }

        /** As the cookie names it: not every provider gets it as {@code state}. */
        String state() {
            return cookie.substring("oauth2-".length(), cookie.length() - "=1".length());
        }
    }

    /** The parameters of a query or a form. */
    static Map<String, String> pairs(String text) {
        var pairs = new LinkedHashMap<String, String>();
        for (var pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                pairs.put(
                        URLDecoder.decode(pair.substring(0, equals), UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        return pairs;
    }

    JsonNode onlyConnection(String integration) {
        var all = server.raw()
                .get("/connections?integrationId=" + integration)
                .json()
                .get("connections");
        var id = all.get(0).get("connection_id").stringValue();
        return server.raw()
                .get("/connections/" + id + "?refresh_token=true&provider_config_key=" + integration)
                .json();
    }

    Page page() {
        return new Page(server);
    }

    /** A page that waits for the outcome. */
    static final class Page implements WebSocket.Listener, AutoCloseable {
        private final List<JsonNode> messages = new CopyOnWriteArrayList<>();
        private final HttpClient http = HttpClient.newHttpClient();
        private final WebSocket socket;

        private Page(TestServer server) {
            var address = URI.create(server.url().toString().replace("http", "ws") + "/");
            socket = http.newWebSocketBuilder().buildAsync(address, this).join();
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            messages.add(RawClient.JSON.readTree(data.toString()));
            webSocket.request(1);
            return null;
        }

        String id() {
            await().until(() -> !messages.isEmpty());
            assertThat(messages.getFirst().get("message_type").stringValue()).isEqualTo("connection_ack");
            return messages.getFirst().get("ws_client_id").stringValue();
        }

        JsonNode outcome() {
            await().until(() -> messages.size() == 2);
            return messages.getLast();
        }

        @Override
        public void close() {
            socket.abort();
            http.close();
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
