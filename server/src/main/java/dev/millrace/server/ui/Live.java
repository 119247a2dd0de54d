package dev.millrace.server.ui;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Parts of pages that change while they are open, by server-sent events. Browsers connect again on their own. Thread-safe. */
final class Live implements AutoCloseable {
    private static final int MOST = 64;
    private static final Duration PACE = Duration.ofSeconds(2);
    private static final int BEATS_PER_CHECK = 8;
    private static final int LONGEST = 450;

    private final Semaphore places = new Semaphore(MOST);
    private final CountDownLatch closing = new CountDownLatch(1);

    /** What a stream sends, asked every two seconds. It belongs to one stream and may remember what it has sent. */
    @FunctionalInterface
    interface Source {
        List<Event> next() throws InterruptedException;
    }

    /** An event with HTML, which replaces or follows the content of the element that waits for its name. */
    record Event(String name, String html) {}

    /** A source of one part that is sent when it has changed. */
    static Source changes(Map<String, Supplier<String>> parts) {
        var sent = new HashMap<String, String>();
        return () -> {
            var events = new ArrayList<Event>();
            parts.forEach((name, part) -> {
                var html = part.get();
                if (!html.equals(sent.put(name, html))) {
                    events.add(new Event(name, html));
                }
            });
            return events;
        };
    }

    /** @param open whether the session is still open */
    Response stream(Source source, BooleanSupplier open) {
        if (!places.tryAcquire()) {
            throw Failure.overloaded("Too many live pages are open.");
        }
        return new Response.Streamed(
                200,
                Map.of("Content-Type", List.of("text/event-stream"), "Cache-Control", List.of("no-store")),
                out -> send(source, open, out));
    }

    private void send(Source source, BooleanSupplier open, OutputStream out) throws IOException {
        try {
            out.write("retry: 3000\n\n".getBytes(UTF_8));
            for (int beat = 1; beat <= LONGEST && !(beat % BEATS_PER_CHECK == 0 && !open.getAsBoolean()); beat++) {
                for (var event : source.next()) {
                    out.write(text(event).getBytes(UTF_8));
                }
                if (beat % BEATS_PER_CHECK == 0) {
                    out.write(": still here\n\n".getBytes(UTF_8));
                }
                out.flush();
                if (closing.await(PACE.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }

    private static String text(Event event) {
        return "event: " + event.name() + "\ndata: " + event.html().strip().replace("\n", "\ndata: ") + "\n\n";
    }

    /** Ends all streams. */
    @Override
    public void close() {
        closing.countDown();
    }
}
