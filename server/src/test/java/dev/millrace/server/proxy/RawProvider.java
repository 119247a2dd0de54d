package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A provider that speaks bytes: it answers as it was told, each request once, and then always alike. */
final class RawProvider implements AutoCloseable {
    static final String USUAL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";

    private final ServerSocket listening;
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());

    /** Every request as it came: head and body, a character a byte. */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    /** @param then what follows the bytes: open, close or reset */
    record Reply(String bytes, String then) {}

    RawProvider() throws IOException {
        listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::listen);
    }

    RawProvider answers(String bytes, String then) {
        replies.add(new Reply(bytes, then));
        return this;
    }

    RawProvider answers(String bytes) {
        return answers(bytes, "open");
    }

    String url() {
        return "http://localhost:" + listening.getLocalPort();
    }

    int connections() {
        return sockets.size();
    }

    private void listen() {
        try {
            for (; ; ) {
                var socket = listening.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = socket.getInputStream();
            for (var request = request(in); !request.isEmpty(); request = request(in)) {
                requests.add(request);
                var reply = replies.poll();
                if (reply == null) {
                    reply = new Reply(USUAL, "open");
                }
                socket.getOutputStream().write(reply.bytes().getBytes(ISO_8859_1));
                if (reply.then().equals("reset")) {
                    socket.setSoLinger(true, 0);
                }
                if (!reply.then().equals("open")) {
                    return;
                }
            }
        } catch (IOException _) {
            // The other end has closed.
        }
    }

    /** The next request by its Content-Length; empty at the end. */
    private static String request(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        while (!bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            bytes.write(next);
        }
        var length = bytes.toString(ISO_8859_1)
                .lines()
                .map(line -> line.toLowerCase(Locale.ROOT))
                .filter(line -> line.startsWith("content-length:"))
                .findFirst();
        if (length.isPresent()) {
            bytes.write(in.readNBytes(Integer.parseInt(
                    length.get().substring("content-length:".length()).strip())));
        }
        return bytes.toString(ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (var socket : List.copyOf(sockets)) {
            socket.close();
        }
    }
}
