package dev.millrace.bench;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A keep-alive HTTP/1.1 connection. It does as little work as possible, because client and server share the machine:
 * requests are prepared bytes, bodies are counted and discarded. Not thread-safe.
 */
final class Wire implements AutoCloseable {
    private static final int HEX = 16;
    private static final int MOST_KEPT = 2_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[64 * 1024];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private int at;
    private int end;

    Wire(URI server) throws IOException {
        socket = new Socket(server.getHost(), server.getPort());
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** Sends a request and reads the whole response; returns the status. */
    int send(byte[] request) throws IOException {
        out.write(request);
        kept.reset();
        int status = Integer.parseInt(line().split(" ", -1)[1]);
        long length = -1;
        boolean chunked = false;
        for (var header = line(); !header.isEmpty(); header = line()) {
            var lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(
                        lower.substring("content-length:".length()).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = lower.contains("chunked");
            }
        }
        if (chunked) {
            chunks();
        } else if (length > 0) {
            skip(length);
        }
        return status;
    }

    /** The beginning of the last response's body, for error messages. */
    String body() {
        return kept.toString(StandardCharsets.UTF_8);
    }

    private void chunks() throws IOException {
        while (true) {
            long size = Long.parseLong(line().split(";", -1)[0].strip(), HEX);
            if (size == 0) {
                while (!line().isEmpty()) {
                    // Trailers are ignored.
                }
                return;
            }
            skip(size);
            line();
        }
    }

    private String line() throws IOException {
        line.reset();
        for (byte b = next(); b != '\n'; b = next()) {
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private byte next() throws IOException {
        if (at == end) {
            fill();
        }
        return buffer[at++];
    }

    private void skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            if (at == end) {
                fill();
            }
            int step = (int) Math.min(left, end - at);
            kept.write(buffer, at, Math.min(step, Math.max(0, MOST_KEPT - kept.size())));
            at += step;
            left -= step;
        }
    }

    private void fill() throws IOException {
        int count = in.read(buffer);
        if (count < 0) {
            throw new EOFException("The server closed the connection.");
        }
        at = 0;
        end = count;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
