package dev.millrace.server.function.runtime;

import dev.millrace.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker process and the executions it is busy with. */
final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final String name;
    private final Process process;
    private final Wire wire;
    private final ErrorOutput errors;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Flight> flights = new ConcurrentHashMap<>();
    private final Set<String> sent = new HashSet<>();
    private final AtomicInteger executions = new AtomicInteger();
    private final Set<Integer> overdue = ConcurrentHashMap.newKeySet();
    private final AtomicLong beats = new AtomicLong();
    private volatile int entered;
    private volatile boolean dead;
    private volatile @Nullable String verdict;
    private volatile long lastUsed = System.nanoTime();

    Worker(String name, Process process, Wire wire, ErrorOutput errors) {
        this.name = name;
        this.process = process;
        this.wire = wire;
        this.errors = errors;
    }

    /** Begins to listen; {@code onDeath} runs once, after all its executions have been told. */
    void start(Runnable onDeath) {
        wire.start(name, this::receive, () -> {
            buried();
            onDeath.run();
        });
    }

    Outcome run(Execution execution, HostCalls host, long deadline) throws InterruptedException {
        var flight = board(execution, host);
        int id = flight.id();
        boolean ended = false;
        try {
            if (dead) {
                // Its funeral may have been over before this one came aboard.
                flight.end(Flight.lost("function_runtime_other", "The worker process was lost"));
            }
            var outcome = flight.await(deadline);
            if (outcome == null) {
                ended = abort(id, flight);
                return Flight.lost(Outcome.OVERRAN, "The function ran longer than " + execution.deadline());
            }
            ended = true;
            flight.finishCalls();
            return outcome;
        } catch (InterruptedException e) {
            ended = ended || abort(id, flight);
            throw e;
        } finally {
            if (ended) {
                flights.remove(id);
            }
            lastUsed = System.nanoTime();
        }
    }

    /** Sends an execution off. */
    private Flight board(Execution execution, HostCalls host) {
        var script = execution.script();
        var head = "{\"hash\":" + Json.quote(script.key())
                + ",\"file\":" + Json.quote(script.file())
                + ",\"sdkVersion\":" + Json.quote(script.sdkVersion())
                + ",\"scriptType\":" + Json.quote(execution.type().wire())
                + ",\"loggerLevel\":" + Json.quote(execution.loggerLevel())
                + ",\"paginate\":" + execution.paginate().orElse("null")
                + execution
                        .input()
                        .map(input -> ",\"input\":" + Json.quote(input))
                        .orElse("")
                + ",\"nango\":" + execution.properties() + "}";
        // The frame with the code must be the first one that names it, and a lower number must mean an earlier start.
        lock.lock();
        try {
            int id = executions.incrementAndGet();
            var flight = new Flight(id, host, wire);
            flights.put(id, flight);
            var code = sent.add(script.key()) ? script.code() : "";
            wire.send(new Frame(Frame.RUN, id, 0, utf8(head), utf8(code)));
            return flight;
        } finally {
            lock.unlock();
        }
    }

    /** Cancels; false when the code did not come back, which leaves the worker to the watchdog. */
    private boolean abort(int id, Flight flight) {
        wire.send(Frame.bare(Frame.ABORT, id));
        flight.interruptCalls();
        boolean interrupted = Thread.interrupted();
        long end = System.nanoTime() + GRACE.toNanos();
        try {
            while (true) {
                try {
                    boolean back = flight.await(end) != null;
                    if (!back) {
                        overdue.add(id);
                    }
                    return back;
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void receive(Frame frame) {
        switch (frame.type()) {
            case Frame.HEARTBEAT -> beats.incrementAndGet();
            case Frame.ENTER -> entered = frame.execution();
            default -> {
                var flight = flights.get(frame.execution());
                if (flight != null) {
                    deliver(flight, frame);
                }
            }
        }
    }

    private void deliver(Flight flight, Frame frame) {
        switch (frame.type()) {
            case Frame.CALL -> flight.call(frame);
            case Frame.NOTIFY -> flight.line(frame);
            case Frame.DONE -> flight.done(frame.body());
            case Frame.FAILED -> flight.failed(frame.head());
            default -> LOG.warn("{} sent a frame of unknown type {}", name, frame.type());
        }
        if (frame.type() == Frame.DONE || frame.type() == Frame.FAILED) {
            flights.remove(frame.execution());
            overdue.remove(frame.execution());
        }
    }

    /** Ends the process; {@code why} is the failure type of the execution that is to blame. */
    void kill(String why) {
        verdict = why;
        process.destroyForcibly();
    }

    /** Ends an idle process. */
    void stop() {
        wire.send(Frame.bare(Frame.SHUTDOWN, 0));
    }

    private void buried() {
        dead = true;
        try {
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (flights.isEmpty()) {
            return;
        }
        var type = cause();
        var blamed = blamed();
        LOG.warn("{} was lost with {} executions: {}\n{}", name, flights.size(), type, errors.text());
        flights.forEach((id, flight) -> flight.end(
                blamed.isPresent() && blamed.get().equals(id)
                        ? Flight.lost(type, message(type))
                        : Flight.lost("function_runtime_other", "The worker was lost because of another function")));
        flights.values().forEach(Flight::interruptCalls);
    }

    private String cause() {
        var known = verdict;
        if (known != null) {
            return known;
        }
        return errors.text().contains("heap out of memory")
                ? "function_runtime_out_of_memory"
                : "function_runtime_other";
    }

    private static String message(String type) {
        return switch (type) {
            case "function_runtime_out_of_memory" -> "The function ran out of memory";
            case "function_runtime_timed_out" -> "The function did not yield and was stopped";
            default -> "The worker process was lost";
        };
    }

    /** The execution whose code ran last: the worker tells when several share it, else it is the oldest. */
    private Optional<Integer> blamed() {
        return flights.containsKey(entered)
                ? Optional.of(entered)
                : flights.keySet().stream().min(Comparator.naturalOrder());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    String name() {
        return name;
    }

    boolean isDead() {
        return dead || !process.isAlive();
    }

    int load() {
        return flights.size();
    }

    int executions() {
        return executions.get();
    }

    long beats() {
        return beats.get();
    }

    boolean hasOverdue() {
        return overdue.stream().anyMatch(flights::containsKey);
    }

    long pid() {
        return process.pid();
    }

    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    Duration unused() {
        return Duration.ofNanos(System.nanoTime() - lastUsed);
    }
}
