package dev.millrace.server.function.js;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Parses code to find what deploys refuse: calls of a member {@code constructor} with arguments. A confined process
 * does the parsing. It is started by the first scan and ends after a minute without one. Thread-safe; one scan runs at
 * a time.
 */
public final class ScriptScan implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScriptScan.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration IDLE = Duration.ofMinutes(1);

    private final Launcher launcher;
    private final Duration limit;
    private final Duration idle;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition used = lock.newCondition();
    private @Nullable Process process;
    private long lastUsed = System.nanoTime();
    private boolean closed;

    public ScriptScan(RuntimeConfig config) {
        this(config, LIMIT, IDLE);
    }

    ScriptScan(RuntimeConfig config, Duration limit, Duration idle) {
        this.launcher = new Launcher(config);
        this.limit = limit;
        this.idle = idle;
    }

    /**
     * Returns the positions of the scripts that call a member {@code constructor} with arguments.
     *
     * @throws IllegalStateException when the process fails twice, or takes longer than 30 seconds
     */
    public List<Integer> refused(List<String> scripts) throws InterruptedException {
        var request = Json.array();
        scripts.forEach(request::add);
        var line = Json.text(request) + "\n";
        lock.lockInterruptibly();
        try {
            var known = process;
            if (known != null && known.isAlive()) {
                try {
                    return ask(known, line);
                } catch (IOException e) {
                    LOG.info("The process that scans scripts has ended and is replaced", e);
                }
            }
            return ask(start(), line);
        } catch (IOException e) {
            throw new UncheckedIOException("The scripts could not be scanned", e);
        } finally {
            lastUsed = System.nanoTime();
            used.signalAll();
            lock.unlock();
        }
    }

    private Process start() throws IOException {
        if (closed) {
            throw new IOException("The server is stopping");
        }
        var started = launcher.startNode("src/scan.mjs");
        new ErrorOutput(started, "script-scan");
        process = started;
        Thread.ofVirtual().name("script-scan-idle").start(() -> endWhenIdle(started));
        return started;
    }

    /** A platform thread, because reading a pipe blocks the carrier of a virtual thread. */
    private List<Integer> ask(Process scanner, String line) throws IOException, InterruptedException {
        var answer = new FutureTask<>(() -> {
            scanner.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
            scanner.getOutputStream().flush();
            return scanner.inputReader(StandardCharsets.UTF_8).readLine();
        });
        Thread.ofPlatform().daemon().name("script-scan").start(answer);
        boolean answered = false;
        try {
            var text = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (text == null) {
                throw new IOException("The process that scans scripts has ended");
            }
            answered = true;
            return Json.parse(text).valueStream().map(JsonNode::intValue).toList();
        } catch (TimeoutException e) {
            throw new IllegalStateException("Scanning the scripts took longer than " + limit.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            if (!answered) {
                scanner.destroyForcibly();
            }
        }
    }

    private void endWhenIdle(Process scanner) {
        lock.lock();
        try {
            long left = idle.toNanos();
            while (scanner.isAlive() && left > 0) {
                used.awaitNanos(left);
                left = lastUsed + idle.toNanos() - System.nanoTime();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
            scanner.destroyForcibly();
        }
    }

    /** The current process, for tests. */
    @Nullable
    Process process() {
        lock.lock();
        try {
            return process;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (process != null) {
                process.destroyForcibly();
            }
            used.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
