package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client of server-sent events on a bare socket: sees every byte, and can stop reading. */
public final class EventStream implements AutoCloseable {
    /** An event, or a comment, or an id by itself. */
    public record Event(String id, String name, String data, String comment) {}

    private final Socket socket;
    private final InputStream in;
    private final int status;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final List<Event> all = new CopyOnWriteArrayList<>();
    private volatile boolean ended;
    private volatile boolean complete;

    private EventStream(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.status = Integer.parseInt(line().split(" ")[1]);
        for (var line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    /** Opens one that reads whatever comes. */
    public static EventStream open(URI uri, Map<String, String> headers) {
        var stream = unread(uri, headers);
        if (stream.status == 200) {
            Thread.ofVirtual().start(stream::read);
        }
        return stream;
    }

    /** Opens one that reads the headers of the answer and no more. */
    public static EventStream unread(URI uri, Map<String, String> headers) {
        try {
            var socket = new Socket();
            socket.setReceiveBufferSize(16 * 1024);
            socket.connect(new java.net.InetSocketAddress(uri.getHost(), uri.getPort()));
            var request = new StringBuilder("GET ")
                    .append(uri.getRawPath())
                    .append('?')
                    .append(uri.getRawQuery())
                    .append(" HTTP/1.1\r\nHost: localhost\r\n");
            headers.forEach((name, value) ->
                    request.append(name).append(": ").append(value).append("\r\n"));
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(UTF_8));
            return new EventStream(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the end");
            }
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }

    private void read() {
        try {
            var text = new StringBuilder();
            for (int size = chunk(); size > 0; size = chunk()) {
                text.append(new String(in.readNBytes(size), UTF_8));
                line();
                for (int end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
                    all.add(event(text.substring(0, end)));
                    text.delete(0, end + 2);
                }
            }
            complete = true;
        } catch (IOException _) {
            // Cut off, from one side or the other.
        } finally {
            ended = true;
        }
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private static Event event(String block) {
        var parts = new LinkedHashMap<String, String>();
        for (var line : block.split("\n")) {
            int colon = line.indexOf(':');
            var value = line.substring(colon + 1);
            parts.merge(
                    line.substring(0, colon),
                    value.startsWith(" ") ? value.substring(1) : value,
                    (first, more) -> first + "\n" + more);
        }
        return new Event(
                parts.getOrDefault("id", ""),
                parts.getOrDefault("event", "message"),
                parts.getOrDefault("data", ""),
                parts.getOrDefault("", ""));
    }

    public int status() {
        return status;
    }

    public Map<String, String> headers() {
        return headers;
    }

    /** The body of an answer that is no stream. */
    public String body() {
        try {
            return new String(in.readNBytes(Integer.parseInt(headers.get("content-length"))), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything so far: events, comments, ids by themselves. */
    public List<Event> all() {
        return all;
    }

    /** What a browser would show to its page. */
    public List<Event> events() {
        return all.stream().filter(event -> !event.data().isEmpty()).toList();
    }

    /** What a browser would send when it connects again. */
    public String lastId() {
        var last = "";
        for (var event : new ArrayList<>(all)) {
            last = event.id().isEmpty() ? last : event.id();
        }
        return last;
    }

    /** Whether nothing more will come. */
    public boolean ended() {
        return ended;
    }

    /** Whether the server ended it in good order. */
    public boolean complete() {
        return complete;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
