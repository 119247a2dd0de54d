package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket.Listener;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class WebSocketTest {
    private static final class Heard implements Listener {
        private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder begun = new StringBuilder();

        @Override
        public CompletionStage<?> onText(java.net.http.WebSocket socket, CharSequence data, boolean last) {
            begun.append(data);
            if (last) {
                messages.add(begun.toString());
                begun.setLength(0);
            }
            return Listener.super.onText(socket, data, last);
        }

        @Override
        public CompletionStage<?> onClose(java.net.http.WebSocket socket, int code, String reason) {
            messages.add(code + " " + reason);
            return Listener.super.onClose(socket, code, reason);
        }

        String next() throws InterruptedException {
            return messages.poll(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void messages_go_in_both_directions() throws Exception {
        try (var server = new EchoServer();
                var client = HttpClient.newHttpClient()) {
            var heard = new Heard();
            var socket = client.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + server.http.port() + "/socket"), heard)
                    .get(90, TimeUnit.SECONDS);

            assertThat(heard.next()).isEqualTo("hello");
            socket.sendText("Grüße", true).get(90, TimeUnit.SECONDS);
            assertThat(heard.next()).isEqualTo("Grüße Grüße");
            socket.sendText("x".repeat(20_000), true).get(90, TimeUnit.SECONDS);
            assertThat(heard.next()).hasSize(40_001);

            socket.sendText("bye", true).get(90, TimeUnit.SECONDS);

            assertThat(heard.next()).isEqualTo("1000 bye");
        }
    }

    @Test
    void a_request_without_upgrade_is_refused() throws Exception {
        try (var server = new EchoServer();
                var client = server.connect().send("GET /socket HTTP/1.1\r\nHost: a\r\n\r\n")) {
            var reply = client.reply();

            assertThat(reply.status()).isEqualTo(426);
            assertThat(reply.text()).contains("upgrade_required");
        }
    }
}
