package dev.millrace.server.webhook;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.Outage;
import dev.millrace.server.db.OutageRetry;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.sync.Syncs;
import dev.millrace.server.webhook.InboxStore.Next;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes webhook functions. The runs of one sync are executed one after the other, in the order in which the events
 * were accepted. Syncs are served in turn. Each lane is a task: one server of a cluster processes it at a time, and
 * another server can take it over. Thread-safe.
 */
public final class WebhookRuns implements AutoCloseable {
    static final String TASK = "webhooks";

    private static final Logger LOG = LoggerFactory.getLogger(WebhookRuns.class);
    /** Interval of polling for events that another server has stored. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final int MOST_ATTEMPTS = 4;
    private static final UUID FIRST = new UUID(0, 0);

    private final Database db;
    private final Encryption encryption;
    private final Schedule schedule;
    private final Runs runs;
    private final Syncs syncs;
    private final Connections connections;
    private final Environments environments;
    private final Integrations integrations;
    private final Functions functions;
    private final Clock clock;
    private final Map<Lane, Feed> feeds = new ConcurrentHashMap<>();
    private final OutageRetry retry = new OutageRetry();

    public WebhookRuns(
            Database db,
            Encryption encryption,
            Schedule schedule,
            Runs runs,
            Syncs syncs,
            Connections connections,
            Environments environments,
            Integrations integrations,
            Functions functions,
            Clock clock) {
        this.db = db;
        this.encryption = encryption;
        this.schedule = schedule;
        this.runs = runs;
        this.syncs = syncs;
        this.connections = connections;
        this.environments = environments;
        this.integrations = integrations;
        this.functions = functions;
        this.clock = clock;
        schedule.handle(TASK, this::work);
    }

    /** Signals that events were stored for these lanes. */
    void wake(Set<Lane> lanes) {
        boolean unknown = false;
        for (var lane : lanes) {
            var feed = feeds.get(lane);
            if (feed == null) {
                unknown = true;
            } else {
                feed.signal.release();
            }
        }
        if (unknown) {
            schedule.wake();
        }
    }

    private void work(Schedule.Claim claim) throws InterruptedException {
        db.useTransaction(handle -> {
            claim.check(handle);
            runs.takeOver(handle, claim);
        });
        var lane = Lane.parse(claim.id());
        var feed = new Feed(claim, lane);
        feeds.put(lane, feed);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            feed.run(threads);
        } finally {
            feeds.remove(lane, feed);
        }
        db.useTransaction(handle -> {
            if (runs.isStopping()) {
                schedule.again(handle, claim, clock.instant());
                return;
            }
            schedule.finish(handle, claim);
            // After this point, further events must create a new task.
            if (InboxStore.anyWaiting(handle, lane)) {
                schedule.at(handle, TASK, claim.id(), clock.instant());
            }
        });
    }

    /** Processes one task while this process owns it. */
    private final class Feed {
        private final Schedule.Claim claim;
        private final Lane lane;
        private final Set<UUID> running = new HashSet<>();
        // Syncs of finished runs. They are removed from the running ones only between two queries, because a query may
        // still return a run that ends at the same time.
        private final Queue<UUID> ended = new ConcurrentLinkedQueue<>();
        private final Semaphore signal = new Semaphore(0);
        private volatile @Nullable LeaseLost lost;
        private UUID last = FIRST;

        private Feed(Schedule.Claim claim, Lane lane) {
            this.claim = claim;
            this.lane = lane;
        }

        /** Executes runs until none is waiting or in progress. If the server stops, starts no further runs. */
        private void run(ExecutorService threads) throws InterruptedException {
            try {
                while (true) {
                    var gone = lost;
                    if (gone != null) {
                        throw gone;
                    }
                    for (var sync = ended.poll(); sync != null; sync = ended.poll()) {
                        running.remove(sync);
                    }
                    boolean looked = runs.isStopping() || look(threads);
                    if (looked && running.isEmpty()) {
                        return;
                    }
                    if (signal.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                        signal.drainPermits();
                    }
                }
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }

        /**
         * Starts waiting runs. Returns false if the database failed: runs in progress continue, and the caller retries.
         */
        private boolean look(ExecutorService threads) {
            try {
                start(threads);
                return true;
            } catch (LeaseLost e) {
                throw e;
            } catch (RuntimeException e) {
                LOG.warn("The webhooks of {} could not be read; trying again: {}", claim.id(), e.getMessage());
                pause();
                return false;
            }
        }

        /** Starts as many runs as the limit allows, one per sync, beginning after the sync that was started last. */
        private void start(ExecutorService threads) {
            boolean wraps = !last.equals(FIRST);
            start(threads, last);
            if (wraps && running.size() < Lane.AT_ONCE) {
                start(threads, FIRST);
            }
        }

        private void start(ExecutorService threads, UUID after) {
            int most = Lane.AT_ONCE;
            var found = db.withHandle(handle -> InboxStore.next(handle, lane, after, most + running.size()));
            for (var next : found) {
                if (running.size() >= most) {
                    return;
                }
                if (running.add(next.sync())) {
                    last = next.sync();
                    threads.execute(() -> perform(next));
                }
            }
        }

        private void perform(Next next) {
            try {
                execute(next);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (LeaseLost e) {
                lost = e;
            } catch (RuntimeException e) {
                if (!Thread.currentThread().isInterrupted()) {
                    LOG.error("A webhook function of {} could not be run; it is tried again", next.function(), e);
                    if (Outage.behind(e).isEmpty()) {
                        count(next);
                    }
                    pause();
                }
            } finally {
                ended.add(next.sync());
                signal.release();
            }
        }

        /** Counts an attempt that could not start, so that it cannot block the runs behind it forever. */
        private void count(Next next) {
            try {
                db.useTransaction(handle -> InboxStore.begun(handle, next.id()));
            } catch (RuntimeException e) {
                LOG.warn("An attempt of a webhook function could not be counted: {}", e.getMessage());
            }
        }

        private void pause() {
            try {
                Thread.sleep(AFTER_FAILURE);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private void execute(Next next) throws InterruptedException {
            if (next.attempts() >= MOST_ATTEMPTS) {
                end(next, null, "None of " + MOST_ATTEMPTS + " attempts came to an end");
                return;
            }
            if (syncs.isDeleted(next.sync())) {
                end(next, null, "The sync was deleted");
                return;
            }
            var work = work(next);
            if (work.isEmpty()) {
                end(next, null, "webhook_script_failure: the connection was deleted, or the function is not enabled");
                return;
            }
            Runs.Ended ended;
            try {
                ended = runs.execute(work.get().of(claim));
            } catch (InterruptedException e) {
                if (runs.isStopping() || !syncs.isDeleted(next.sync())) {
                    throw e;
                }
                end(next, null, "The sync was deleted");
                return;
            }
            if (ended.repeated() && next.attempts() + 1 < MOST_ATTEMPTS) {
                return;
            }
            var error = ended.outcome() instanceof Outcome.Failed failed ? failed.type() : null;
            end(next, ended.operation(), error);
        }

        /** Returns empty if the connection, the enabled function or the event no longer exists. */
        private Optional<Work> work(Next next) {
            var connection = connections.find(next.connection());
            var function = connection
                    .flatMap(c -> functions.find(c.integrationId(), Kind.SYNC, next.function()))
                    .filter(Function::enabled);
            var body = db.withHandle(handle -> InboxStore.body(handle, next.event()));
            if (connection.isEmpty() || function.isEmpty() || body.isEmpty()) {
                return Optional.empty();
            }
            var environment = environments.get(lane.environment());
            boolean muted = integrations
                    .recentOfUrl(environment.uuid(), connection.get().integration())
                    .filter(Integration::webhookSyncMuted)
                    .isPresent();
            var sync = new Work.Sync(
                    next.sync(),
                    "base",
                    syncs.lastSyncDate(next.sync()),
                    false,
                    false,
                    false,
                    OptionalLong.empty(),
                    Optional.of(new Work.Webhook(next.attempts() + 1 >= MOST_ATTEMPTS, muted)),
                    handle -> {
                        InboxStore.begun(handle, next.id());
                        return syncs.isDeleted(handle, next.sync());
                    });
            return Optional.of(new Work(
                    function.get(),
                    connection.get(),
                    environment.name(),
                    body.map(encryption::openText),
                    Optional.of(sync)));
        }

        /** @param error the error type; null if the run succeeded */
        private void end(Next next, @Nullable UUID operation, @Nullable String error) {
            retry.until(() -> {
                db.useTransaction(handle -> {
                    claim.check(handle);
                    InboxStore.end(handle, next, operation, error, clock.instant());
                });
                return next;
            });
        }
    }

    @Override
    public void close() {
        retry.end();
    }
}
