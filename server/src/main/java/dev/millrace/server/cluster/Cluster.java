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
 * The servers on one database: which of them live, what each says about itself, and what they tell each other. Each
 * writes every second that it lives. One that was silent for ten seconds is removed by another, which sees to what it has
 * left: from then on it counts as dead. That it may live all the same is what leases are for. All times are the
 * database's. Thread-safe.
 */
public final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(10);
    /** A longer time between two beats of this server may be due to the database: then the others were kept from theirs, too. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private static final String TELL = "SELECT pg_notify('millrace', :message)";

    private final Database db;
    private final String node;
    private final UUID process = UUID.randomUUID();
    private final ServerStore store;
    private final List<Heir> heirs = new ArrayList<>();
    private final Map<String, Consumer<String>> hearers = new HashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread beating;
    private volatile boolean begun;
    private boolean told;
    private long beatAt = System.nanoTime();
    private long steadySince = beatAt;

    /** Sees to what a server that is gone has left, in the transaction that removes it. */
    @FunctionalInterface
    public interface Heir {
        void died(Handle handle, LostServer server);
    }

    /**
     * Lives from {@link #begin} on, or from when it publishes something.
     *
     * @param node the name of this server, the same after a restart on the same data folder
     */
    public Cluster(Database db, String node, String version) {
        this.db = db;
        this.node = node;
        this.store = new ServerStore(db, node, version, process);
        this.beating = Thread.ofVirtual().name("cluster").unstarted(this::keepBeating);
    }

    /** The name of this server, the same after a restart on the same data folder. */
    public String node() {
        return node;
    }

    /** This life of this server: what it works on is noted under this name. */
    public UUID process() {
        return process;
    }

    /** Before it begins. */
    public void onDeath(Heir heir) {
        heirs.add(heir);
    }

    /**
     * Hears what servers tell each other, this one included; before it begins. A message comes within a second as a rule,
     * but it may be lost: an empty one says that some may have been, and whoever hears looks from time to time as well.
     *
     * @param hearer is to return at once, and must not use the database
     */
    public void hear(String topic, Consumer<String> hearer) {
        hearers.put(topic, hearer);
    }

    /** Tells all servers something when the transaction is committed. */
    public void tell(Handle handle, String topic, String what) {
        handle.createQuery(TELL)
                .bind("message", topic + ' ' + what)
                .mapTo(String.class)
                .one();
    }

    /** Says something about this server to the others, for as long as it lives. */
    public void publish(Handle handle, String topic, JsonNode value) {
        store.publish(handle, topic, value);
    }

    /** What the servers that live say about themselves. */
    public static List<Published> published(Handle handle, String topic) {
        return ServerStore.published(handle, topic);
    }

    public List<LiveServer> servers() {
        return db.withHandle(ServerStore::all);
    }

    /** False once a server is gone, or was silent for so long that another one saw to what it has left. */
    public boolean isAlive(UUID server) {
        return db.withHandle(handle -> ServerStore.exists(handle, server));
    }

    /** Sees to what earlier lives of this server have left; from here on it watches the others. */
    public void begin() {
        beat();
        bury(store::removeEarlier);
        begun = true;
        db.watch(new Messages());
        beating.start();
    }

    private void keepBeating() {
        try {
            while (!closing.await(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    long silent = beat();
                    if (isSteady() && silent > 0) {
                        bury(store::removeSilent);
                    }
                    told = false;
                } catch (RuntimeException e) {
                    tell(e);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether others could be heard for as long as their silence has to last. */
    private boolean isSteady() {
        long now = System.nanoTime();
        if (now - beatAt > LONGEST_PAUSE.toNanos()) {
            steadySince = now;
        }
        beatAt = now;
        return now - steadySince >= SILENCE.toNanos();
    }

    private void tell(RuntimeException e) {
        if (!told) {
            told = true;
            LOG.warn("This server cannot tell the others that it lives: {}", e.getMessage());
        }
    }

    /** Writes that this server lives; answers how many others are silent. */
    long beat() {
        return store.live();
    }

    private void bury(Function<Handle, List<LostServer>> removal) {
        db.useTransaction(handle -> {
            for (var server : removal.apply(handle)) {
                if (!server.node().equals(node)) {
                    LOG.warn("Nothing is heard of server {} any more: others go on with its work", server.node());
                }
                heirs.forEach(heir -> heir.died(handle, server));
            }
        });
    }

    private final class Messages implements MessageListener {
        @Override
        public void heard(String message) {
            int space = message.indexOf(' ');
            var hearer = hearers.get(message.substring(0, Math.max(0, space)));
            if (hearer != null) {
                hearer.accept(message.substring(space + 1));
            }
        }

        @Override
        public void missed() {
            hearers.values().forEach(hearer -> hearer.accept(""));
        }
    }

    /** Hands over what it has left, and goes. */
    @Override
    public void close() {
        closing.countDown();
        if (!begun) {
            return;
        }
        try {
            beating.join();
            bury(store::leave);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("This server cannot tell the others that it goes: {}", e.getMessage());
        }
    }
}
