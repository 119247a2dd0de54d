package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which bytes are sent as they are written, and answers read one by one. */
final class RawClient implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) LONGEST_WAIT.toMillis());
        in = new java.io.BufferedInputStream(socket.getInputStream());
    }

    /** @param headers lower-case names */
    record Reply(int status, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, ISO_8859_1);
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    void finish() throws IOException {
        socket.shutdownOutput();
    }

    boolean isAnswered() throws IOException {
        return in.available() > 0;
    }

    /** The next answer; an {@link EOFException} when there is none. */
    Reply reply(boolean toHead) throws IOException {
        var line = line();
        int status = Integer.parseInt(line.split(" ", 3)[1]);
        var headers = new TreeMap<String, String>();
        for (var field = line(); !field.isEmpty(); field = line()) {
            int colon = field.indexOf(':');
            headers.merge(
                    field.substring(0, colon).toLowerCase(Locale.ROOT),
                    field.substring(colon + 1).strip(),
                    (a, b) -> a + ", " + b);
        }
        boolean bare = toHead || status == 204 || status == 304 || status < 200;
        return new Reply(status, headers, bare ? new byte[0] : body(headers));
    }

    Reply reply() throws IOException {
        return reply(false);
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if (headers.containsKey("content-length")) {
            return exactly(Integer.parseInt(headers.get("content-length")));
        }
        if (!headers.containsKey("transfer-encoding")) {
            return in.readAllBytes();
        }
        var body = new ByteArrayOutputStream();
        for (int size = chunk(); size > 0; size = chunk()) {
            body.write(exactly(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private byte[] exactly(int count) throws IOException {
        var bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the body ended early");
        }
        return bytes;
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended after: " + line);
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    /** Whether the server has ended the connection, or does so within the patience. */
    boolean ended() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException _) {
            return true;
        }
    }

    /** Whether a further request is answered. */
    boolean kept() throws IOException {
        try {
            send("GET /x HTTP/1.1\r\nHost: probe\r\n\r\n");
            reply();
            return true;
        } catch (EOFException | SocketException _) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
