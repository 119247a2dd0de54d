package dev.millrace.server;

import dev.millrace.server.http.Http;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the work of the server before anything is closed. No new work begins, requests and their actions finish, syncs
 * stop at their next checkpoint, streams end. Work that exceeds the grace period is interrupted. Syncs continue from
 * their last checkpoint: here after the next start, or at once on another server.
 *
 * @param streams ends answers that never end on their own
 */
record Shutdown(Http http, Schedule schedule, Runs runs, Runnable streams, Duration grace) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    /** Gives interrupted work time to record its state. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    @Override
    public void close() {
        http.refuse();
        schedule.pause();
        runs.stop();
        streams.run();
        try {
            if (!isIdleWithin(grace)) {
                LOG.warn("what still runs after {} is interrupted", grace);
                runs.abort();
                isIdleWithin(LAST_WORDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isIdleWithin(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        boolean idle = schedule.awaitIdle(longest);
        return http.awaitIdle(Duration.ofNanos(Math.max(0, end - System.nanoTime()))) && idle;
    }
}
