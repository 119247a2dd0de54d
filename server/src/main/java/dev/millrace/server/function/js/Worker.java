package dev.millrace.server.function.js;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker process and its current executions. */
final class Worker implements WorkerConnection.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final String LOST = "The worker process was lost";

    private final String name;
    private final Process process;
    private final WorkerConnection connection;
    private final ErrorOutput errors;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, RunningExecution> running = new ConcurrentHashMap<>();
    private final Set<String> sent = new HashSet<>();
    private final AtomicInteger executions = new AtomicInteger();
    private final Set<Integer> overdue = ConcurrentHashMap.newKeySet();
    private final AtomicLong beats = new AtomicLong();
    private volatile int entered;
    private volatile boolean dead;
    private volatile @Nullable String verdict;
    private volatile @Nullable Runnable onDeath;
    private final long born = System.nanoTime();
    private volatile long lastUsed = born;

    Worker(String name, Process process, WorkerConnection connection, ErrorOutput errors) {
        this.name = name;
        this.process = process;
        this.connection = connection;
        this.errors = errors;
    }

    /** Begins to read frames. {@code whenDead} is called once, after all its executions have been notified. */
    void start(Runnable whenDead) {
        onDeath = whenDead;
        connection.start(this);
    }

    Outcome run(ExecutionRequest request, FunctionHost host, long deadline) throws InterruptedException {
        var execution = begin(request, host);
        int id = execution.id();
        boolean ended = false;
        try {
            if (dead) {
                // The worker may have ended before this execution was registered.
                execution.end(RunningExecution.lost("function_runtime_other", LOST));
            }
            var outcome = execution.await(deadline);
            if (outcome == null) {
                ended = abort(execution);
                return RunningExecution.lost(Outcome.OVERRAN, "The function ran longer than " + request.deadline());
            }
            ended = true;
            execution.finishCalls();
            return outcome;
        } catch (InterruptedException e) {
            ended = ended || abort(execution);
            throw e;
        } finally {
            if (ended) {
                running.remove(id);
            }
            lastUsed = System.nanoTime();
        }
    }

    private static String list(List<String> texts) {
        return texts.stream().map(Json::quote).collect(Collectors.joining(",", "[", "]"));
    }

    /** Sends an execution to the worker. */
    private RunningExecution begin(ExecutionRequest request, FunctionHost host) {
        var script = request.script();
        var head = "{\"hash\":" + Json.quote(script.key())
                + ",\"file\":" + Json.quote(script.file())
                + ",\"sdkVersion\":" + Json.quote(script.sdkVersion())
                + ",\"scriptType\":" + Json.quote(request.type().wire())
                + ",\"loggerLevel\":" + Json.quote(request.loggerLevel())
                + ",\"paginate\":" + request.paginate().orElse("null")
                + request.input()
                        .map(input -> ",\"input\":" + Json.quote(input))
                        .orElse("")
                + (request.capabilities().isEmpty() ? "" : ",\"capabilities\":" + list(request.capabilities()))
                + ",\"nango\":" + request.properties() + "}";
        // The frame with the code must be the first one with its hash, and lower numbers must mean earlier starts.
        lock.lock();
        try {
            int id = executions.incrementAndGet();
            var execution = new RunningExecution(id, host, connection);
            running.put(id, execution);
            var code = sent.add(script.key()) ? script.code() : "";
            connection.send(new Frame(Frame.RUN, id, 0, utf8(head), utf8(code)));
            return execution;
        } finally {
            lock.unlock();
        }
    }

    /** Cancels an execution; false when its code has not ended, so that the watchdog has to handle it. */
    private boolean abort(RunningExecution execution) {
        connection.send(Frame.bare(Frame.ABORT, execution.id()));
        execution.interruptCalls();
        boolean interrupted = Thread.interrupted();
        long end = System.nanoTime() + GRACE.toNanos();
        try {
            while (true) {
                try {
                    boolean back = execution.await(end) != null;
                    if (!back) {
                        overdue.add(execution.id());
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

    @Override
    public void receive(Frame frame) throws MalformedFrame {
        if (frame.type() != Frame.CALL && frame.type() != Frame.NOTIFY && frame.type() != Frame.FAILED) {
            Head.check(frame.head());
        }
        if (frame.type() == Frame.HEARTBEAT) {
            beats.incrementAndGet();
            return;
        }
        int id = frame.execution();
        if (id < 1 || id > executions.get()) {
            throw new MalformedFrame("a frame of type " + frame.type() + " for execution "
                    + Integer.toUnsignedString(id) + ", which was never started");
        }
        if (frame.type() == Frame.ENTER) {
            entered = id;
            return;
        }
        var execution = running.get(id);
        // Frames of an execution that has ended are ignored.
        if (execution != null && execution.receive(frame)) {
            running.remove(id);
            overdue.remove(id);
        }
    }

    /** Interrupts the function that is running, with a signal; other executions continue. */
    void interrupt() {
        try {
            new ProcessBuilder("sh", "-c", "kill -s INT \"$1\"", "sh", Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            LOG.warn("{} cannot be interrupted", name, e); // the watchdog kills it soon
        }
    }

    /** Kills the process; {@code why} is the failure type of the execution that caused it. */
    void kill(String why) {
        verdict = why;
        process.destroyForcibly();
    }

    /** Ends an idle process. */
    void stop() {
        connection.send(Frame.bare(Frame.SHUTDOWN, 0));
    }

    @Override
    public void ended(@Nullable Throwable fault) {
        dead = true;
        try {
            process.waitFor(1, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (fault instanceof MalformedFrame && verdict == null) {
            LOG.error("{} sent a malformed frame and was ended: {}", name, fault.getMessage());
            tellAll("The worker sent a malformed frame and was ended");
        } else if (fault != null && verdict == null) {
            LOG.error("{} was ended because a frame of it could not be handled", name, fault);
            tellAll(LOST);
        } else if (!running.isEmpty()) {
            tellCause();
        }
        running.values().forEach(RunningExecution::interruptCalls);
        var told = onDeath;
        if (told != null) {
            told.run();
        }
    }

    private void tellAll(String message) {
        running.values().forEach(execution -> execution.end(RunningExecution.lost("function_runtime_other", message)));
    }

    private void tellCause() {
        var type = cause();
        var blamed = blamed();
        LOG.warn("{} was lost with {} executions: {}\n{}", name, running.size(), type, errors.text());
        running.forEach((id, execution) -> execution.end(
                blamed.isPresent() && blamed.get().equals(id)
                        ? RunningExecution.lost(type, message(type))
                        : RunningExecution.lost(
                                "function_runtime_other", "The worker was lost because of another function")));
    }

    private String cause() {
        var known = verdict;
        if (known != null) {
            return known;
        }
        return errors.text().contains("out of memory") ? "function_runtime_out_of_memory" : "function_runtime_other";
    }

    private static String message(String type) {
        return switch (type) {
            case "function_runtime_out_of_memory" -> "The function ran out of memory";
            case "function_runtime_timed_out" -> "The function did not yield and was stopped";
            default -> LOST;
        };
    }

    /**
     * The execution whose code ran last. The worker reports it when there are several; otherwise it is the oldest one.
     */
    private Optional<Integer> blamed() {
        return running.containsKey(entered)
                ? Optional.of(entered)
                : running.keySet().stream().min(Comparator.naturalOrder());
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
        return running.size();
    }

    int executions() {
        return executions.get();
    }

    long beats() {
        return beats.get();
    }

    boolean hasOverdue() {
        return overdue.stream().anyMatch(running::containsKey);
    }

    long pid() {
        return process.pid();
    }

    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - born);
    }

    Duration unused() {
        return Duration.ofNanos(System.nanoTime() - lastUsed);
    }
}
