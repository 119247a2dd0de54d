package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one client does wrong is no other's affair. */
@Tag("slow")
@Timeout(300)
class ManyClientsTest {
    private static final int CLIENTS = 8;
    private static final int ROUNDS = 500;

    @Test
    void each_hears_its_own_answer_while_others_send_more_after_what_was_refused() throws Exception {
        try (var server = new EchoServer();
                var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Callable<List<String>>>();
            for (int client = 0; client < CLIENTS; client++) {
                int number = client;
                work.add(() -> mistaken(server, number));
            }

            for (var outcome : clients.invokeAll(work)) {
                assertThat(outcome.get()).isEmpty();
            }
        }
    }

    /** Answers that were not for this client. */
    private static List<String> mistaken(EchoServer server, int client) throws IOException {
        var wrong = new ArrayList<String>();
        for (int round = 0; round < ROUNDS; round++) {
            try (var refused = server.connect()
                    .send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nhello")) {
                var reply = refused.reply();
                if (reply.status() != 400) {
                    wrong.add(reply.text());
                }
                refused.send("GET /p/after HTTP/1.1\r\nHost: a\r\n\r\n");
                refused.reply();
            } catch (EOFException | SocketException _) {
                // As it should be: the connection has ended.
            }
            var path = "/p/" + client + '-' + round;
            try (var other = server.connect().send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")) {
                var told = other.reply().text();
                if (!told.contains("GET " + path + '"')) {
                    wrong.add(path + ": " + told);
                }
            }
        }
        return wrong;
    }
}
