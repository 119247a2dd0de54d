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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends due deliveries. One thread polls: it lets the {@link Dispatcher} number new events and claims due deliveries of
 * each destination. Deliveries with the same connection and ordering key are sent one after the other, all others
 * concurrently. It polls every second, and at once when woken. Thread-safe.
 */
final class Sender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);
    /** The delay before the next poll when another server holds the lock of the dispatcher. */
    private static final Duration DISPATCH_RETRY = Duration.ofMillis(50);
    /** After this time, another server may have taken over a claim; ownership is then checked before sending. */
    private static final Duration OWNERSHIP_CHECK_INTERVAL = Duration.ofSeconds(5);

    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(3);
    /** The number of claimed deliveries per concurrent request, so that the next ones are at hand. */
    private static final int CLAIM_FACTOR = 4;

    private static final int MAX_ERROR_LENGTH = 500;

    private final Dispatcher dispatcher;
    private final Destinations destinations;
    private final DeliveryStore store;
    private final DeliveryClient client;
    private final EnvironmentSettings settings;
    private final AttemptLog log;
    private final DeliveryConfig config;

    private final Map<Long, Channel> channels = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("webhook-", 0).factory());
    private final ResultWriter results;
    private final PollTimer timer = new PollTimer(POLL_INTERVAL);
    private final Thread thread;
    private volatile boolean closed;
    /** Whether the current series of failures was logged. */
    private volatile boolean warned;

    Sender(
            Dispatcher dispatcher,
            Destinations destinations,
            DeliveryStore store,
            DeliveryClient client,
            EnvironmentSettings settings,
            AttemptLog log,
            DeliveryConfig config) {
        this.dispatcher = dispatcher;
        this.destinations = destinations;
        this.store = store;
        this.client = client;
        this.settings = settings;
        this.log = log;
        this.config = config;
        this.results = new ResultWriter(store, this::processed);
        this.thread = Thread.ofVirtual().name("webhooks").unstarted(this::run);
    }

    /** The state of one destination in this process. */
    private final class Channel {
        /** The number of claimed deliveries whose result is not recorded yet. */
        private final AtomicInteger claimed = new AtomicInteger();

        private final Semaphore permits = new Semaphore(config.concurrency());
        /** Whether the circuit breaker is open, so that nothing is sent for a while. */
        private volatile boolean circuitOpen;
    }

    /** Starts the polling thread. Call it once. */
    void start() {
        thread.start();
    }

    /** Polls at once. */
    void wake() {
        wake(Duration.ZERO);
    }

    private void wake(Duration delay) {
        timer.wake(delay);
    }

    private void run() {
        try {
            while (timer.await()) {
                try {
                    poll();
                    warned = false;
                } catch (RuntimeException e) {
                    warn(e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void warn(RuntimeException e) {
        if (closed || warned) {
            return;
        }
        warned = true;
        if (Outage.behind(e).isPresent()) {
            LOG.warn("Cannot send webhooks until the database is available: {}", e.getMessage());
        } else {
            LOG.error("Cannot send webhooks; the server keeps trying", e);
        }
    }

    private void poll() {
        var work = store.pendingWork();
        if (work.newEvents()) {
            dispatch();
        }
        if (!work.newEvents() && !work.waitingDeliveries()) {
            return;
        }
        for (var destination : destinations.due()) {
            if (!closed) {
                claim(destination);
            }
        }
    }

    private void dispatch() {
        var result = dispatcher.dispatchBatch();
        while (result == Dispatcher.BatchResult.MORE) {
            result = dispatcher.dispatchBatch();
        }
        if (result == Dispatcher.BatchResult.BUSY) {
            wake(DISPATCH_RETRY);
        }
    }

    private void claim(Destinations.DueDestination destination) {
        var channel = channels.computeIfAbsent(destination.id(), _ -> new Channel());
        channel.circuitOpen = false;
        int max = CLAIM_FACTOR * config.concurrency();
        int free = max - channel.claimed.get();
        if (free < max / 2) {
            return;
        }
        var claimed = store.claim(destination, free);
        channel.claimed.addAndGet(claimed.size());
        for (var group : groupByOrderingKey(claimed)) {
            threads.execute(() -> send(destination, channel, group));
        }
        if (claimed.size() < free) {
            // Other due deliveries may have been postponed behind earlier ones, or locked by another server.
            wake(Duration.ofMillis(300));
        }
    }

    private static List<List<DueDelivery>> groupByOrderingKey(List<DueDelivery> deliveries) {
        var groups = new LinkedHashMap<Object, List<DueDelivery>>();
        for (var due : deliveries) {
            var key = due.orderingKey()
                    .<Object>map(orderingKey -> due.connection() + "/" + orderingKey)
                    .orElse(due.id());
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(due);
        }
        return List.copyOf(groups.values());
    }

    /** Sends deliveries with the same ordering key one after the other. */
    private void send(Destinations.DueDestination destination, Channel channel, List<DueDelivery> group) {
        int done = 0;
        try {
            long checkAt = System.nanoTime() + OWNERSHIP_CHECK_INTERVAL.toNanos();
            while (done < group.size() && !closed) {
                channel.permits.acquire();
                try {
                    if (System.nanoTime() - checkAt > 0) {
                        if (!store.owns(group.get(done).id())) {
                            channel.claimed.addAndGet(done - group.size());
                            return;
                        }
                        checkAt = System.nanoTime() + OWNERSHIP_CHECK_INTERVAL.toNanos();
                    }
                    if (channel.circuitOpen) {
                        postpone(
                                destination,
                                group.subList(done, group.size()),
                                config.breaker().openTime());
                        return;
                    }
                    var result = attempt(destination, group.get(done));
                    done++;
                    results.offer(List.of(result));
                    if (result.state() == State.WAITING) {
                        // Later deliveries of the group wait as long as this one.
                        postpone(destination, group.subList(done, group.size()), result.delay());
                        return;
                    }
                } finally {
                    channel.permits.release();
                }
            }
        } catch (InterruptedException _) {
            // The server stops. Other servers take over the claimed deliveries.
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            warn(e);
            postpone(destination, group.subList(done, group.size()), POLL_INTERVAL);
        }
    }

    private void postpone(Destinations.DueDestination destination, List<DueDelivery> deliveries, Duration delay) {
        results.offer(deliveries.stream()
                .map(due -> Result.postponed(due, destination.id(), delay))
                .toList());
    }

    private Result attempt(Destinations.DueDestination destination, DueDelivery due) throws InterruptedException {
        long start = System.nanoTime();
        DeliveryClient.Attempt attempt;
        try {
            attempt = client.attempt(due, destination.url());
        } catch (RuntimeException e) {
            LOG.error("Could not send the webhook delivery {}", due.id(), e);
            attempt = new DeliveryClient.Attempt(
                    DeliveryClient.Outcome.RETRY, OptionalInt.empty(), "Internal error; see the server log", true);
        }
        var result = result(destination, due, attempt);
        log.record(due, destination, result, attempt.message(), Duration.ofNanos(System.nanoTime() - start));
        return result;
    }

    private Result result(Destinations.DueDestination destination, DueDelivery due, DeliveryClient.Attempt attempt) {
        int attempts = due.attempts() + 1;
        var delays =
                config.retryDelays(settings.get(due.environment()).webhooks().retryForADay());
        var state = switch (attempt.outcome()) {
            case DELIVERED -> State.DELIVERED;
            case RETRY -> attempts <= delays.size() ? State.WAITING : State.DEAD;
            case REFUSED -> State.DEAD;
            case SKIPPED -> State.SKIPPED;
        };
        var verdict = switch (attempt.outcome()) {
            case DELIVERED -> Result.Verdict.GOOD;
            case RETRY, REFUSED -> attempt.receiverHealthy() ? Result.Verdict.GOOD : Result.Verdict.BAD;
            case SKIPPED -> Result.Verdict.NONE;
        };
        var error = state == State.DELIVERED
                ? Optional.<String>empty()
                : Optional.of(Storable.text(Storable.start(attempt.message(), MAX_ERROR_LENGTH)));
        var delay = state == State.WAITING ? delays.get(attempts - 1) : Duration.ZERO;
        return new Result(due, destination.id(), state, attempts, delay, attempt.status(), error, verdict);
    }

    private void processed(List<Result> batch, List<Long> opened) {
        for (var result : batch) {
            var channel = channels.get(result.destination());
            if (channel != null) {
                channel.claimed.decrementAndGet();
            }
            if (result.state() == State.WAITING && result.delay().compareTo(POLL_INTERVAL.multipliedBy(10)) < 0) {
                wake(result.delay().plusMillis(1));
            }
        }
        for (long destination : opened) {
            LOG.warn(
                    "Webhooks to destination {} keep failing; the circuit breaker is open for {} s",
                    destination,
                    config.breaker().openTime().toSeconds());
            var channel = channels.get(destination);
            if (channel != null) {
                channel.circuitOpen = true;
            }
        }
        wake();
    }

    /**
     * Stops sending and waits a few seconds for running requests. Other servers send the remaining deliveries, or this
     * server after its next start.
     */
    @Override
    public void close() {
        closed = true;
        timer.close();
        try {
            thread.join();
            threads.shutdown();
            if (!threads.awaitTermination(SHUTDOWN_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                threads.shutdownNow();
                threads.awaitTermination(SHUTDOWN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        results.close();
    }
}
