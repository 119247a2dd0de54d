package dev.millrace.bench.record;

import dev.millrace.bench.Requests;
import dev.millrace.bench.Stage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Very many open change streams, each on its own connection. They record the age of each event when it arrives. */
final class StreamReaders implements AutoCloseable {
    /** The field of a record with its creation time, by {@link System#nanoTime}. */
    static final String SENT = "sent";

    private static final String SENT_KEY = "\"" + SENT + "\":";

    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final Queue<Long> delays = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger events = new AtomicInteger();

    void open(Stage stage, String connection, String model) throws IOException {
        var at = stage.subject().url();
        var socket = new Socket(at.getHost(), at.getPort());
        sockets.add(socket);
        var request = "GET /records/stream?model=" + model + " HTTP/1.1\r\nHost: " + at.getAuthority() + "\r\n"
                + String.join("\r\n", Requests.headers(stage, connection)) + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        Thread.ofVirtual().start(() -> read(socket));
    }

    private void read(Socket socket) {
        try (var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                long now = System.nanoTime();
                int sent = line.indexOf(SENT_KEY);
                if (line.startsWith(": open")) {
                    open.incrementAndGet();
                } else if (sent >= 0) {
                    delays.add(now - number(line, sent + SENT_KEY.length()));
                    events.incrementAndGet();
                }
            }
        } catch (IOException e) {
            // The stream was closed: all expected events have arrived, or the waiting thread notices what is missing.
        }
    }

    private static long number(String line, int from) {
        int end = from;
        while (Character.isDigit(line.charAt(end)) || line.charAt(end) == '-') {
            end++;
        }
        return Long.parseLong(line, from, end, 10);
    }

    void awaitOpen(Duration patience) throws IOException, InterruptedException {
        await("streams are open", () -> open.get() >= sockets.size(), patience);
    }

    void awaitEvents(long expected, Duration patience) throws IOException, InterruptedException {
        await("events have arrived, of " + expected, () -> events.get() >= expected, patience);
    }

    private void await(String what, BooleanSupplier done, Duration patience) throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IOException("only " + open + " streams and " + events + " events after "
                        + patience.toSeconds() + " s; waiting until all " + what);
            }
            Thread.sleep(5);
        }
    }

    /** The delay of each event in nanoseconds, shortest first. */
    long[] delays() {
        var all = delays.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(all);
        return all;
    }

    @Override
    public void close() throws IOException {
        for (var socket : sockets) {
            socket.close();
        }
    }
}
