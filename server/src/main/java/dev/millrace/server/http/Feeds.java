package dev.millrace.server.http;

import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The long-lived answers under way: cuts off clients that take nothing, ends them all when the server stops. */
final class Feeds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Feeds.class);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Set<FeedOutput> running = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean closed;

    Feeds() {
        Thread.ofVirtual().name("feeds").start(this::watch);
    }

    /** Runs it to its end on this thread. */
    void run(Answer.Live live, Responder responder) {
        try (var feed = live.feed()) {
            if (closed) {
                responder.send(Errors.answer(Http.stopping()));
                return;
            }
            run(live, feed, responder);
        } catch (IOException | ServerConnectionException e) {
            log.debug("a client is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // Nothing more can be said to the client than that this is the end.
            log.error("a long-lived answer failed", e);
        }
    }

    private void run(Answer.Live live, Feed feed, Responder responder) throws IOException, InterruptedException {
        try (var out = responder.open(live)) {
            var output = new FeedOutput(feed, out, live.patience());
            running.add(output);
            signal();
            try {
                // Who comes while the server stops is ended by one of the two.
                if (closed) {
                    feed.end();
                }
                feed.run(output);
            } finally {
                running.remove(output);
                signal();
            }
        }
    }

    private void watch() {
        try {
            while (!closed) {
                await(() -> closed || !running.isEmpty(), Long.MAX_VALUE);
                await(() -> closed, LOOK.toNanos());
                running.forEach(FeedOutput::cutIfStuck);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(BooleanSupplier enough, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (!enough.getAsBoolean() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends all of them; those that do not take their last bytes fall with the connections. */
    @Override
    public void close() {
        closed = true;
        signal();
        running.forEach(output -> output.feed().end());
        try {
            await(running::isEmpty, LAST_WORDS.toNanos());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
