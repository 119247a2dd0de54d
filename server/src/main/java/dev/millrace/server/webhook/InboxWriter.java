package dev.millrace.server.webhook;

import dev.millrace.server.action.Invocations;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Outage;
import dev.millrace.server.delivery.Subject;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.http.Failure;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores webhooks in batches. Webhooks that arrive while a batch is being committed form the next batch, so that many
 * webhooks need few commits. The number and the size of waiting webhooks are limited. Thread-safe.
 */
final class InboxWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InboxWriter.class);
    private static final int BATCH = 200;
    private static final long BATCH_BYTES = 16L * 1024 * 1024;
    private static final int MOST_WAITING = 2_000;
    private static final long MOST_BYTES = Math.min(Runtime.getRuntime().maxMemory() / 8, 256L * 1024 * 1024);

    private final Database db;
    private final Schedule schedule;
    private final WebhookOutbox outbox;
    private final Invocations invocations;
    private final Consumer<Set<Lane>> stored;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Deque<Item> waiting = new ArrayDeque<>();
    private final Thread thread;
    private long bytes;
    private boolean closed;

    /** @param stored called with the lanes that received runs, after each commit */
    InboxWriter(
            Database db,
            Schedule schedule,
            WebhookOutbox outbox,
            Invocations invocations,
            Consumer<Set<Lane>> stored,
            Clock clock) {
        this.db = db;
        this.schedule = schedule;
        this.outbox = outbox;
        this.invocations = invocations;
        this.stored = stored;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("webhook-inbox").start(this::run);
    }

    private static final class Item {
        private final Arrival arrival;
        private final CountDownLatch written = new CountDownLatch(1);
        private volatile @Nullable Throwable failure;

        private Item(Arrival arrival) {
            this.arrival = arrival;
        }
    }

    /**
     * Stores the webhook. Blocks until it is committed.
     *
     * @throws Failure with status 503 if the webhook cannot be stored; the provider may send it again
     */
    void write(Arrival arrival) throws InterruptedException {
        var item = new Item(arrival);
        offer(item);
        item.written.await();
        var failure = item.failure;
        if (failure != null) {
            throw Outage.behind(failure)
                    .map(outage -> Failure.unavailable(outage.code(), outage.message()))
                    .orElseGet(() -> Failure.unavailable("webhook_not_stored", "The webhook could not be stored."));
        }
    }

    private void offer(Item item) {
        lock.lock();
        try {
            boolean full =
                    waiting.size() >= MOST_WAITING || (!waiting.isEmpty() && bytes + item.arrival.size() > MOST_BYTES);
            if (closed || full) {
                throw Failure.overloaded("Too many webhooks wait to be stored.");
            }
            waiting.add(item);
            bytes += item.arrival.size();
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            for (var batch = next(); !batch.isEmpty(); batch = next()) {
                write(batch);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Item> next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                work.await();
            }
            var batch = new ArrayList<Item>();
            long size = 0;
            while (!waiting.isEmpty() && batch.size() < BATCH && (batch.isEmpty() || size < BATCH_BYTES)) {
                var item = waiting.remove();
                size += item.arrival.size();
                batch.add(item);
            }
            bytes -= size;
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Stores a batch. If that fails, stores its webhooks one by one, so that one webhook cannot make others fail. */
    private void write(List<Item> batch) {
        Set<Lane> lanes = Set.of();
        try {
            lanes = store(batch.stream().map(item -> item.arrival).toList());
        } catch (RuntimeException | Error e) {
            if (batch.size() > 1 && Outage.behind(e).isEmpty()) {
                batch.forEach(item -> write(List.of(item)));
                return;
            }
            LOG.error("{} webhooks could not be stored", batch.size(), e);
            batch.forEach(item -> item.failure = e);
        }
        batch.forEach(item -> item.written.countDown());
        tell(lanes);
    }

    /** The webhooks are committed. After a failure here their runs begin at the next look of the schedule. */
    private void tell(Set<Lane> lanes) {
        try {
            if (!lanes.isEmpty()) {
                stored.accept(lanes);
            }
        } catch (RuntimeException e) {
            LOG.warn("The runs of stored webhooks begin later: {}", e.getMessage());
        }
    }

    private Set<Lane> store(List<Arrival> arrivals) {
        return db.inTransaction(handle -> {
            var added = InboxStore.add(handle, arrivals);
            var due = InboxStore.addRuns(handle, InboxStore.runs(arrivals, added), clock.instant());
            outbox.forward(handle, arrivals.stream().flatMap(arrival -> forwarded(arrival, added)));
            invoke(handle, arrivals, added);
            // Locks a running task, so that it cannot end before this commit. Done last to hold the lock for a short
            // time.
            due.forEach(lane -> schedule.at(handle, WebhookRuns.TASK, lane.task(), clock.instant()));
            return Set.copyOf(due);
        });
    }

    /** Queues the calls of bundle functions. */
    private void invoke(Handle handle, List<Arrival> arrivals, Map<UUID, Long> added) {
        var calls = arrivals.stream()
                .flatMap(arrival -> arrival.events().stream())
                .filter(event -> added.containsKey(event.id()))
                .flatMap(event -> event.calls().stream())
                .toList();
        if (!calls.isEmpty()) {
            invocations.received(handle, calls);
        }
    }

    /** The webhooks for the application. Repeated deliveries are not forwarded. */
    private static Stream<WebhookOutbox.Forwarded> forwarded(Arrival arrival, Map<UUID, Long> added) {
        boolean isNew = arrival.events().isEmpty()
                || arrival.events().stream().anyMatch(event -> added.containsKey(event.id()));
        if (!isNew) {
            return Stream.empty();
        }
        var integration = arrival.integration();
        return arrival.forward().stream()
                .flatMap(forward -> forward.shares().stream()
                        .map(share -> new WebhookOutbox.Forwarded(
                                subject(integration, share.connection()),
                                integration.provider(),
                                share.payload(),
                                forward.headers())));
    }

    private static Subject subject(Integration integration, Optional<Found> found) {
        return new Subject(
                integration.environmentId(),
                found.map(Found::id).map(OptionalLong::of).orElse(OptionalLong.empty()),
                integration.uniqueKey(),
                found.map(Found::connectionId).orElse(""));
    }

    /** Stops accepting webhooks and stores those that are waiting. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
