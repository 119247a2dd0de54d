package dev.millrace.server.function.js;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last lines of a worker's error output, which show why it ended. */
final class ErrorOutput {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorOutput.class);
    private static final int LINES = 50;
    private static final int LONGEST = 500;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader;

    ErrorOutput(Process process, String name) {
        // A platform thread, because reading a pipe blocks the carrier of a virtual thread.
        this.reader = Thread.ofPlatform().daemon().name(name + "-errors").start(() -> {
            try (var in = process.errorReader()) {
                drain(in, name);
            } catch (IOException e) {
                LOG.debug("The error output of {} ended", name, e);
            }
        });
    }

    private void drain(BufferedReader in, String name) throws IOException {
        String line;
        while ((line = in.readLine()) != null) {
            var kept = line.substring(0, Math.min(line.length(), LONGEST));
            LOG.debug("{}: {}", name, kept);
            lock.lock();
            try {
                lines.add(kept);
                if (lines.size() > LINES) {
                    lines.remove();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** The stored lines, after a short wait for the remaining ones. */
    String text() {
        try {
            reader.join(1_000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        lock.lock();
        try {
            return String.join("\n", lines);
        } finally {
            lock.unlock();
        }
    }
}
