package dev.millrace.server.record.stream;

import dev.millrace.server.record.Records;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the open streams while there are any: polls for commits of other processes and for deleted connections, and
 * disconnects readers that do not read.
 */
final class StreamWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamWatch.class);
    private static final Duration CLOSING = Duration.ofSeconds(5);
    private static final long CONNECTIONS = Duration.ofSeconds(2).toNanos();

    private final RecordStreams streams;
    private final Records records;
    private final LiveConnections connections;
    private final StreamConfig config;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable Thread thread;
    private boolean running;
    private boolean closed;
    private boolean failing;
    private long connectionsDue = System.nanoTime();

    StreamWatch(RecordStreams streams, Records records, LiveConnections connections, StreamConfig config) {
        this.streams = streams;
        this.records = records;
        this.connections = connections;
        this.config = config;
    }

    /** Runs until no stream is open. */
    void start() {
        lock.lock();
        try {
            if (!running && !closed) {
                running = true;
                thread = Thread.ofVirtual().name("record-streams").start(this::run);
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (goesOn()) {
            try {
                look();
                failing = false;
            } catch (RuntimeException e) {
                if (!failing) {
                    LOG.error("streams of records hear nothing of other processes until this ends", e);
                }
                failing = true;
            }
        }
    }

    private void look() {
        streams.open().forEach(stream -> stream.check(config.stallLimit().toNanos()));
        var channels = streams.channels();
        var found = records.clocks(channels.stream().map(Channel::dataset).toList());
        for (int i = 0; i < found.length; i++) {
            channels.get(i).polled(found[i]);
        }
        if (System.nanoTime() - connectionsDue >= 0) {
            endRemoved();
            connectionsDue = System.nanoTime() + CONNECTIONS;
        }
    }

    private void endRemoved() {
        var ids = new HashSet<Long>();
        var open = streams.open();
        open.forEach(stream -> ids.add(stream.channel().dataset().connection()));
        var alive = connections.among(ids);
        for (var stream : open) {
            long connection = stream.channel().dataset().connection();
            if (ids.contains(connection) && !alive.contains(connection)) {
                stream.end();
            }
        }
    }

    /** Waits for the next tick; ends when there are no streams or the server stops. */
    private boolean goesOn() {
        lock.lock();
        try {
            long left = config.tick().toNanos();
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            running = !closed && !streams.open().isEmpty();
            return running;
        } catch (InterruptedException _) {
            running = false;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when it no longer uses the database. */
    @Override
    public void close() {
        Thread last;
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            last = thread;
        } finally {
            lock.unlock();
        }
        try {
            if (last != null) {
                last.join(CLOSING);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
