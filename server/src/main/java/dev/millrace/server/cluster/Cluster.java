package dev.millrace.server.cluster;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.MessageListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The servers on one database: which of them are running, what each publishes about itself, and the messages between
 * them. Each writes a heartbeat every second. After ten seconds without one, another server removes it and takes over
 * its work: it then counts as lost. Leases fence off a server that was only stopped for a while. All times are those of
 * the database. Thread-safe.
 */
public final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(10);
    /** A longer time between two heartbeats of this server may be due to the database, which then delayed those of the others too. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private static final String SEND = "SELECT pg_notify('millrace', :message)";

    private final Database db;
    private final String node;
    private final UUID process = UUID.randomUUID();
    private final ServerStore store;
    private final List<LossListener> lossListeners = new ArrayList<>();
    private final Map<String, Consumer<String>> subscribers = new HashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread heartbeats;
    private volatile boolean begun;
    private boolean told;
    private long heartbeatAt = System.nanoTime();
    private long steadySince = heartbeatAt;

    /** Takes over what a lost server was working on, in the transaction that removes the server. */
    @FunctionalInterface
    public interface LossListener {
        void lost(Handle handle, LostServer server);
    }

    /**
     * Counts as running from {@link #begin} on, or from its first publication.
     *
     * @param node the name of this server, the same after a restart on the same data folder
     */
    public Cluster(Database db, String node, String version) {
        this.db = db;
        this.node = node;
        this.store = new ServerStore(db, node, version, process);
        this.heartbeats = Thread.ofVirtual().name("cluster").unstarted(this::sendHeartbeats);
    }

    /** The name of this server, the same after a restart on the same data folder. */
    public String node() {
        return node;
    }

    /** The id of this process. Its work is recorded under this id. */
    public UUID process() {
        return process;
    }

    /** To be called before {@link #begin}. */
    public void onLoss(LossListener listener) {
        lossListeners.add(listener);
    }

    /**
     * Receives the messages of a topic from all servers, this one included. To be called before {@link #begin}. A message
     * usually arrives within a second, but it may be lost: an empty message says that some may have been. A subscriber
     * that must not miss anything also polls.
     *
     * @param subscriber must return at once and must not use the database
     */
    public void subscribe(String topic, Consumer<String> subscriber) {
        subscribers.put(topic, subscriber);
    }

    /** Sends a message to all servers when the transaction commits. */
    public void send(Handle handle, String topic, String message) {
        handle.createQuery(SEND)
                .bind("message", topic + ' ' + message)
                .mapTo(String.class)
                .one();
    }

    /** Publishes a fact about this server to the others, until it stops. */
    public void publish(Handle handle, String topic, JsonNode value) {
        store.publish(handle, topic, value);
    }

    /** What the running servers have published. */
    public static List<Published> published(Handle handle, String topic) {
        return ServerStore.published(handle, topic);
    }

    public List<LiveServer> servers() {
        return db.withHandle(ServerStore::all);
    }

    /** False once a server has stopped, or was silent for so long that another one took over its work. */
    public boolean isAlive(UUID server) {
        return db.withHandle(handle -> ServerStore.exists(handle, server));
    }

    /** Takes over the work of earlier processes of this server, and starts to watch the other servers. */
    public void begin() {
        heartbeat();
        removeLost(store::removeEarlier);
        begun = true;
        db.watch(new Messages());
        heartbeats.start();
    }

    private void sendHeartbeats() {
        try {
            while (!closing.await(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    long silent = heartbeat();
                    if (isSteady() && silent > 0) {
                        removeLost(store::removeSilent);
                    }
                    told = false;
                } catch (RuntimeException e) {
                    warn(e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this server has reached the database for long enough to judge the silence of others. */
    private boolean isSteady() {
        long now = System.nanoTime();
        if (now - heartbeatAt > LONGEST_PAUSE.toNanos()) {
            steadySince = now;
        }
        heartbeatAt = now;
        return now - steadySince >= SILENCE.toNanos();
    }

    private void warn(RuntimeException e) {
        if (!told) {
            told = true;
            LOG.warn("This server cannot write its heartbeat: {}", e.getMessage());
        }
    }

    /** Writes a heartbeat; returns how many other servers are silent. */
    long heartbeat() {
        return store.live();
    }

    private void removeLost(Function<Handle, List<LostServer>> removal) {
        db.useTransaction(handle -> {
            for (var server : removal.apply(handle)) {
                if (!server.node().equals(node)) {
                    LOG.warn("Server {} has sent no heartbeat for 10 seconds: others continue its work", server.node());
                }
                lossListeners.forEach(listener -> listener.lost(handle, server));
            }
        });
    }

    private final class Messages implements MessageListener {
        @Override
        public void heard(String message) {
            int space = message.indexOf(' ');
            var subscriber = subscribers.get(message.substring(0, Math.max(0, space)));
            if (subscriber != null) {
                subscriber.accept(message.substring(space + 1));
            }
        }

        @Override
        public void missed() {
            subscribers.values().forEach(subscriber -> subscriber.accept(""));
        }
    }

    /** Hands over its work and removes itself. */
    @Override
    public void close() {
        closing.countDown();
        if (!begun) {
            return;
        }
        try {
            heartbeats.join();
            removeLost(store::leave);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("This server could not deregister: {}", e.getMessage());
        }
    }
}
