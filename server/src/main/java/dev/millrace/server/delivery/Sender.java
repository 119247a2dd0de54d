package dev.millrace.server.delivery;

import dev.millrace.server.db.Outage;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.http.Storable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is due: gives events their places, takes deliveries of each address, sends those of one lane one after the other
 * and different ones side by side. It looks when it is woken, and every second. Thread-safe.
 */
final class Sender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofMillis(50);
    /** Deliveries may have become another server's in longer times. */
    private static final Duration SURE = Duration.ofSeconds(5);

    private static final Duration SHUTDOWN = Duration.ofSeconds(3);
    /** So many deliveries are taken for each that may be sent at once, to have the next at hand. */
    private static final int AHEAD = 4;

    private static final int LONGEST_ERROR = 500;

    private final Dispatcher dispatcher;
    private final Destinations destinations;
    private final DeliveryStore store;
    private final Courier courier;
    private final EnvironmentSettings settings;
    private final AttemptLog log;
    private final DeliveryConfig config;

    private final Map<Long, Channel> channels = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("webhook-", 0).factory());
    private final ResultWriter results;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wakes = lock.newCondition();
    private final Thread thread;
    private long lookAt;
    private volatile boolean closed;
    private volatile boolean told;

    Sender(
            Dispatcher dispatcher,
            Destinations destinations,
            DeliveryStore store,
            Courier courier,
            EnvironmentSettings settings,
            AttemptLog log,
            DeliveryConfig config) {
        this.dispatcher = dispatcher;
        this.destinations = destinations;
        this.store = store;
        this.courier = courier;
        this.settings = settings;
        this.log = log;
        this.config = config;
        this.results = new ResultWriter(store, this::recorded);
        this.thread = Thread.ofVirtual().name("webhooks").unstarted(this::run);
    }

    /** What this process sends to one address. */
    private final class Channel {
        private final AtomicInteger held = new AtomicInteger();
        private final Semaphore room = new Semaphore(config.concurrency());
        /** Whether it fails, and is not to be called for a while. */
        private volatile boolean left;
    }

    void start() {
        lookAt = System.nanoTime();
        thread.start();
    }

    /** Looks at once for something to send. */
    void wake() {
        wake(Duration.ZERO);
    }

    private void wake(Duration in) {
        long at = System.nanoTime() + in.toNanos();
        lock.lock();
        try {
            if (at - lookAt < 0) {
                lookAt = at;
                wakes.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (awaitNext()) {
                try {
                    round();
                    told = false;
                } catch (RuntimeException e) {
                    warn(e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean awaitNext() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                long left = lookAt - System.nanoTime();
                if (left <= 0) {
                    lookAt = System.nanoTime() + POLL.toNanos();
                    return true;
                }
                wakes.awaitNanos(left);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void warn(RuntimeException e) {
        if (closed || told) {
            return;
        }
        told = true;
        if (Outage.behind(e).isPresent()) {
            LOG.warn("Webhooks wait for the database: {}", e.getMessage());
        } else {
            LOG.error("Webhooks cannot be sent at the moment", e);
        }
    }

    private void round() {
        var work = store.work();
        if (work.fresh()) {
            dispatch();
        }
        if (!work.fresh() && !work.waiting()) {
            return;
        }
        for (var destination : destinations.due()) {
            if (!closed) {
                fill(destination);
            }
        }
    }

    private void dispatch() {
        var round = dispatcher.round();
        while (round == Dispatcher.Round.MORE) {
            round = dispatcher.round();
        }
        if (round == Dispatcher.Round.BUSY) {
            wake(SOON);
        }
    }

    private void fill(Destinations.Due destination) {
        var channel = channels.computeIfAbsent(destination.id(), _ -> new Channel());
        channel.left = false;
        int most = AHEAD * config.concurrency();
        int free = most - channel.held.get();
        if (free < most / 2) {
            return;
        }
        var taken = store.claim(destination, free);
        channel.held.addAndGet(taken.size());
        for (var lane : lanes(taken)) {
            threads.execute(() -> send(destination, channel, lane));
        }
        if (taken.size() < free) {
            // What was put off behind others, or was being taken by another server.
            wake(Duration.ofMillis(300));
        }
    }

    private static List<List<Due>> lanes(List<Due> taken) {
        var lanes = new LinkedHashMap<Object, List<Due>>();
        for (var due : taken) {
            var key = due.lane()
                    .<Object>map(lane -> due.connection() + "/" + lane)
                    .orElse(due.id());
            lanes.computeIfAbsent(key, _ -> new ArrayList<>()).add(due);
        }
        return List.copyOf(lanes.values());
    }

    private void send(Destinations.Due destination, Channel channel, List<Due> lane) {
        int done = 0;
        try {
            long sure = System.nanoTime() + SURE.toNanos();
            while (done < lane.size() && !closed) {
                channel.room.acquire();
                try {
                    if (System.nanoTime() - sure > 0) {
                        if (!store.holds(lane.get(done).id())) {
                            channel.held.addAndGet(done - lane.size());
                            return;
                        }
                        sure = System.nanoTime() + SURE.toNanos();
                    }
                    if (channel.left) {
                        putBack(
                                destination,
                                lane.subList(done, lane.size()),
                                config.breaker().pause());
                        return;
                    }
                    var result = attempt(destination, lane.get(done));
                    done++;
                    results.offer(List.of(result));
                    if (result.state() == State.WAITING) {
                        // What follows in the lane waits as long.
                        putBack(destination, lane.subList(done, lane.size()), result.pause());
                        return;
                    }
                } finally {
                    channel.room.release();
                }
            }
        } catch (InterruptedException _) {
            // The process ends; others take over what it holds.
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            warn(e);
            putBack(destination, lane.subList(done, lane.size()), POLL);
        }
    }

    private void putBack(Destinations.Due destination, List<Due> rest, Duration wait) {
        results.offer(rest.stream()
                .map(due -> Result.putBack(due, destination.id(), wait))
                .toList());
    }

    private Result attempt(Destinations.Due destination, Due due) throws InterruptedException {
        long began = System.nanoTime();
        Courier.Attempt attempt;
        try {
            attempt = courier.attempt(due, destination.url());
        } catch (RuntimeException e) {
            LOG.error("The webhook {} could not be sent", due.id(), e);
            attempt = new Courier.Attempt(
                    Courier.Kind.RETRY, OptionalInt.empty(), "The platform failed; the server's log says why", true);
        }
        var result = result(destination, due, attempt);
        log.tell(due, destination, result, attempt.message(), Duration.ofNanos(System.nanoTime() - began));
        return result;
    }

    private Result result(Destinations.Due destination, Due due, Courier.Attempt attempt) {
        int attempts = due.attempts() + 1;
        var waits = config.waits(settings.get(due.environment()).webhooks().retryForADay());
        var state = switch (attempt.kind()) {
            case DELIVERED -> State.DELIVERED;
            case RETRY -> attempts <= waits.size() ? State.WAITING : State.DEAD;
            case REFUSED -> State.DEAD;
            case SKIPPED -> State.SKIPPED;
        };
        var verdict = switch (attempt.kind()) {
            case DELIVERED -> Result.Verdict.GOOD;
            case RETRY, REFUSED -> attempt.reached() ? Result.Verdict.GOOD : Result.Verdict.BAD;
            case SKIPPED -> Result.Verdict.NONE;
        };
        var error = state == State.DELIVERED
                ? Optional.<String>empty()
                : Optional.of(Storable.text(Storable.start(attempt.message(), LONGEST_ERROR)));
        var wait = state == State.WAITING ? waits.get(attempts - 1) : Duration.ZERO;
        return new Result(due, destination.id(), state, attempts, wait, attempt.status(), error, verdict);
    }

    private void recorded(List<Result> batch, List<Long> left) {
        for (var result : batch) {
            var channel = channels.get(result.destination());
            if (channel != null) {
                channel.held.decrementAndGet();
            }
            if (result.state() == State.WAITING && result.pause().compareTo(POLL.multipliedBy(10)) < 0) {
                wake(result.pause().plusMillis(1));
            }
        }
        for (long destination : left) {
            LOG.warn("Webhooks to the address number {} fail; it is left alone for a while", destination);
            var channel = channels.get(destination);
            if (channel != null) {
                channel.left = true;
            }
        }
        wake();
    }

    /** Ends what is under way; what is not done is sent by others, or after the next start. */
    @Override
    public void close() {
        closed = true;
        lock.lock();
        try {
            wakes.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
            threads.shutdown();
            if (!threads.awaitTermination(SHUTDOWN.toSeconds(), TimeUnit.SECONDS)) {
                threads.shutdownNow();
                threads.awaitTermination(SHUTDOWN.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        results.close();
    }
}
