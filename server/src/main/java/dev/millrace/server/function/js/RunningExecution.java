package dev.millrace.server.function.js;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An execution on a worker. Its log lines and outcome reach the waiting caller in order; its calls run on threads of
 * their own.
 */
final class RunningExecution {
    private static final Logger LOG = LoggerFactory.getLogger(RunningExecution.class);
    /** The limit for log lines that wait to be stored, so that a function cannot exhaust the server's memory. */
    private static final int MOST_LINES = 10_000;

    private static final Duration LATE_CALLS = Duration.ofSeconds(10);

    private static final int PIECE = 1024 * 1024;
    /** The worker has memory for several parts of this size. */
    private static final int LARGEST_ANSWER = 256 * 1024 * 1024;

    private sealed interface Event {
        record Line(String level, String message, byte[] meta) implements Event {}

        record End(Outcome outcome) implements Event {}
    }

    private final int id;
    private final FunctionHost host;
    private final HostFrames frames;
    private final WorkerConnection connection;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    private final Map<Thread, String> calls = new ConcurrentHashMap<>();

    RunningExecution(int id, FunctionHost host, WorkerConnection connection) {
        this.id = id;
        this.host = host;
        this.frames = new HostFrames(host);
        this.connection = connection;
    }

    int id() {
        return id;
    }

    /** Waits for the outcome and stores log lines as they arrive; null on timeout. */
    @Nullable
    Outcome await(long deadline) throws InterruptedException {
        while (true) {
            var event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            switch (event) {
                case null -> {
                    return null;
                }
                case Event.Line line -> store(line);
                case Event.End end -> {
                    return end.outcome();
                }
            }
        }
    }

    private void store(Event.Line line) {
        waiting.decrementAndGet();
        tell(line);
        int lost = dropped.getAndSet(0);
        if (lost > 0) {
            var message = lost + " log lines were dropped: the function logs faster than lines can be stored";
            tell(new Event.Line("warn", message, new byte[0]));
        }
    }

    private void tell(Event.Line line) {
        try {
            host.log(line.level(), line.message(), line.meta());
        } catch (RuntimeException e) {
            // A line that cannot be stored does not fail the function.
            LOG.warn("A log line of a function was lost", e);
        }
    }

    /** Handles a frame of this execution; true when it is the last one. */
    boolean receive(Frame frame) throws MalformedFrame {
        switch (frame.type()) {
            case Frame.CALL -> call(frame);
            case Frame.NOTIFY -> line(frame);
            case Frame.DONE -> end(new Outcome.Succeeded(frame.body()));
            case Frame.FAILED -> failed(frame.head());
            default -> throw new MalformedFrame("type " + frame.type() + " for an execution");
        }
        return frame.type() == Frame.DONE || frame.type() == Frame.FAILED;
    }

    private void line(Frame frame) throws MalformedFrame {
        if (waiting.get() >= MOST_LINES) {
            dropped.incrementAndGet();
            return;
        }
        try {
            var head = Head.read(frame.head());
            if (head.path("m").asString("").equals("log")) {
                waiting.incrementAndGet();
                events.add(new Event.Line(
                        head.path("level").asString("info"),
                        head.path("message").asString(""),
                        frame.body()));
            }
        } catch (Head.TooComplex _) {
            dropped.incrementAndGet();
        }
    }

    private void failed(byte[] head) throws MalformedFrame {
        try {
            var failure = Head.read(head);
            var status = failure.path("status");
            var upstream = failure.path("upstream");
            end(new Outcome.Failed(
                    failure.path("type").asString("script_internal_error"),
                    Json.text(failure.path("payload").isMissingNode() ? Json.object() : failure.path("payload")),
                    status.isInt() ? OptionalInt.of(status.intValue()) : OptionalInt.empty(),
                    upstream.isMissingNode() ? Optional.empty() : Optional.of(Json.text(upstream))));
        } catch (Head.TooComplex e) {
            end(lost("script_internal_error", "What the function threw cannot be read: " + e.getMessage()));
        }
    }

    void end(Outcome outcome) {
        events.add(new Event.End(outcome));
    }

    static Outcome.Failed lost(String type, String message) {
        return new Outcome.Failed(
                type, Json.text(Json.object().put("message", message)), OptionalInt.empty(), Optional.empty());
    }

    private void call(Frame frame) throws MalformedFrame {
        ObjectNode head;
        try {
            head = Head.read(frame.head());
        } catch (Head.TooComplex e) {
            refuse(frame, HostError.of("The call is too complex: " + e.getMessage(), Optional.empty()));
            return;
        }
        var method = head.path("m").asString("");
        var thread = Thread.ofVirtual().name("function-" + id + "-" + method).unstarted(() -> {
            try {
                answer(frame, method, head);
            } finally {
                calls.remove(Thread.currentThread());
            }
        });
        calls.put(thread, method);
        thread.start();
    }

    private void answer(Frame frame, String method, ObjectNode head) {
        try {
            pass(frames.answer(method, head, frame.body()), frame.call());
        } catch (HostError e) {
            refuse(frame, e);
        } catch (IOException e) {
            refuse(frame, HostError.of("The answer broke off: " + e.getMessage(), Optional.of("ECONNRESET")));
        } catch (InterruptedException _) {
            refuse(frame, HostError.sdk("script_aborted", "The function was cancelled", Json.object()));
        } catch (RuntimeException e) {
            LOG.error("The call {} of a function failed", method, e);
            refuse(frame, HostError.of("Internal error", Optional.empty()));
        }
    }

    /** Sends a response in parts, so that the server never holds much of it. */
    private void pass(Reply reply, int call) throws IOException, InterruptedException {
        try (var rest = reply.rest()) {
            var piece = reply.body();
            long passed = piece.length;
            for (var next = rest.readNBytes(PIECE); next.length > 0; next = rest.readNBytes(PIECE)) {
                if (piece.length > 0) {
                    connection.answer(Frame.part(id, call, piece));
                }
                piece = next;
                passed += next.length;
                if (passed > LARGEST_ANSWER) {
                    throw tooLarge();
                }
            }
            connection.answer(new Frame(Frame.REPLY, id, call, Json.bytes(reply.head()), piece));
        }
    }

    private static HostError tooLarge() {
        return HostError.of(
                "maxContentLength size of " + LARGEST_ANSWER
                        + " exceeded: the response has more than 256 MB, the maximum that"
                        + " a function can receive in one call. Ask for pages or ranges.",
                Optional.of("ERR_BAD_RESPONSE"));
    }

    private void refuse(Frame frame, HostError error) {
        connection.send(new Frame(Frame.ERROR_REPLY, id, frame.call(), Json.bytes(error.head()), new byte[0]));
    }

    void interruptCalls() {
        calls.forEach((thread, method) -> {
            if (!HostFrames.isFinishedAnyway(method)) {
                thread.interrupt();
            }
        });
    }

    /** Waits for calls that the function did not await, then cancels them. */
    void finishCalls() throws InterruptedException {
        long end = System.nanoTime() + LATE_CALLS.toNanos();
        try {
            for (var thread : calls.keySet()) {
                thread.join(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            }
        } finally {
            calls.keySet().forEach(Thread::interrupt);
        }
    }
}
