package dev.millrace.server.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A provider whose answers break off where a test wants them to, and which notices when the other side gives up. */
public final class StalledApi implements AutoCloseable {
    /** How far an answer gets. */
    public enum Answer {
        NOTHING(""),
        HALF_A_BODY("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"items\":["),
        COME_BACK_LATER("HTTP/1.1 503 Unavailable\r\nRetry-After: 500\r\nContent-Length: 0\r\n\r\n");

        private final String text;

        Answer(String text) {
            this.text = text;
        }
    }

    private final ServerSocket server;
    private final Answer answer;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger givenUp = new AtomicInteger();

    public StalledApi(Answer answer) throws IOException {
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.answer = answer;
        Thread.ofVirtual().start(this::accept);
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** How many requests have come. */
    public int asked() {
        return asked.get();
    }

    /** How many connections the other side has closed. */
    public int givenUp() {
        return givenUp.get();
    }

    private void accept() {
        try {
            while (true) {
                var socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = socket.getInputStream();
            boolean head = false;
            while (!head) {
                var line = new StringBuilder();
                for (int c = in.read(); c != '\n'; c = in.read()) {
                    if (c < 0) {
                        return;
                    }
                    line.append((char) c);
                }
                head = line.toString().isBlank();
            }
            socket.getOutputStream().write(answer.text.getBytes(StandardCharsets.US_ASCII));
            asked.incrementAndGet();
            if (in.read() < 0) {
                givenUp.incrementAndGet();
            }
        } catch (IOException _) {
            givenUp.incrementAndGet();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
