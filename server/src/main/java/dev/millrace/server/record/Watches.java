package dev.millrace.server.record;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices changes of the datasets that streams wait for, and only while there are any: at once where this process made
 * them, within a period where another one did. One thread asks the database for all of them in one query (ADR 10).
 */
final class Watches implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watches.class);
    // With thousands of datasets, changes by other processes are noticed later rather than the database kept busy.
    private static final int IDLE_PER_BUSY = 9;
    // Commits in quick succession are looked at together.
    private static final long BREATH = Duration.ofMillis(5).toNanos();
    private static final Duration LAST_LOOK = Duration.ofSeconds(5);

    private final Heads heads;
    private final long period;
    private final Map<Dataset, Watch> watched = new ConcurrentHashMap<>();
    private final Semaphore nudge = new Semaphore(0);
    private final AtomicLong ticks = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;
    private boolean failing;

    Watches(Heads heads, Duration period) {
        this.heads = heads;
        this.period = period.toNanos();
        this.thread = Thread.ofVirtual().name("record-watches").start(this::run);
    }

    /** Begins to ring the bell when the dataset changes. */
    Watch join(Dataset dataset, Semaphore bell) {
        var watch = watched.compute(dataset, (_, known) -> {
            var mine = known == null ? new Watch(dataset, ticks.incrementAndGet()) : known;
            mine.add(bell);
            return mine;
        });
        nudge.release();
        return watch;
    }

    void leave(Watch watch, Semaphore bell) {
        watched.computeIfPresent(watch.dataset(), (_, known) -> known.remove(bell) ? null : known);
    }

    /** Tells of a commit of this process. */
    void changed(Dataset dataset) {
        var watch = watched.get(dataset);
        if (watch != null) {
            watch.stir();
            nudge.release();
        }
    }

    /** How many datasets are looked at. */
    int count() {
        return watched.size();
    }

    private void run() {
        long next = System.nanoTime();
        try {
            while (!closed) {
                next = round(next);
                TimeUnit.NANOSECONDS.sleep(BREATH);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** One look at what was changed here or, when it is time, at everything; answers when it is time again. */
    private long round(long next) throws InterruptedException {
        if (watched.isEmpty()) {
            nudge.acquire();
        } else {
            nudge.tryAcquire(next - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        nudge.drainPermits();
        long start = System.nanoTime();
        boolean all = start - next >= 0;
        // Asked before the query: what stirs meanwhile is looked at in the next round.
        var due = watched.values().stream().filter(watch -> watch.wasStirred() || all).toList();
        look(due);
        long end = System.nanoTime();
        return all ? Math.max(start + period, end + IDLE_PER_BUSY * (end - start)) : next;
    }

    private void look(List<Watch> due) {
        if (due.isEmpty()) {
            return;
        }
        try {
            var known = new ArrayList<Heads.Known>(due.size());
            due.forEach(watch ->
                    known.add(new Heads.Known(watch.dataset(), watch.seen().head())));
            heads.moved(known)
                    .forEach(moved -> due.get(moved.index()).observe(moved.head(), ticks.incrementAndGet()));
            failing = false;
        } catch (RuntimeException e) {
            // The next look, in a period at the latest, finds what this one missed.
            if (!failing) {
                log.error("changes of records cannot be looked for", e);
            }
            failing = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        nudge.release();
        try {
            thread.join(LAST_LOOK);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
