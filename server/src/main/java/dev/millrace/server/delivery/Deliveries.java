package dev.millrace.server.delivery;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.SigningKeys;
import dev.millrace.server.log.Logs;
import dev.millrace.server.outbound.Outbound;
import java.time.Clock;
import java.util.List;

/**
 * Entry point for the delivery of webhooks: sends the events that the {@link WebhookOutbox} stores, each at least once.
 * All servers on a database share the work. If a server is lost, the others send the deliveries that it had claimed.
 * Thread-safe.
 */
public final class Deliveries implements AutoCloseable {
    private final Database db;
    private final EventStore events;
    private final Dispatcher dispatcher;
    private final DeliveryStore store;
    private final DeliveryList list;
    private final Sender sender;

    /**
     * @param outbox the outbox whose events are sent
     * @param product the value of the header {@code user-agent}
     */
    public Deliveries(
            Database db,
            Encryption encryption,
            WebhookOutbox outbox,
            EnvironmentSettings settings,
            SigningKeys keys,
            Outbound outbound,
            Logs logs,
            Cluster cluster,
            DeliveryConfig config,
            String product,
            Clock clock) {
        this.db = db;
        this.events = new EventStore(encryption);
        var destinations = new Destinations(db, config);
        this.dispatcher = new Dispatcher(db, destinations, settings, cluster);
        this.store = new DeliveryStore(db, events, destinations, cluster.process());
        this.list = new DeliveryList(db, destinations, settings);
        var client = new DeliveryClient(outbound, new CachedSigningKeys(keys, clock), config.timeout(), product, clock);
        this.sender =
                new Sender(dispatcher, destinations, store, client, settings, new AttemptLog(logs, clock), config);
        outbox.onCommit(sender::wake);
        cluster.subscribe(Dispatcher.TOPIC, _ -> sender.wake());
        cluster.onLoss((handle, lost) -> {
            DeliveryStore.release(handle, lost.process());
            handle.afterCommit(sender::wake);
        });
    }

    /** Starts sending. Call it once, after this server has joined the cluster. */
    public void begin() {
        sender.start();
    }

    /**
     * A page of the events of an environment, oldest first.
     *
     * @param seq the sequence number of the last event of the previous page; 0: start with the oldest event
     */
    List<EventStore.StoredEvent> eventsAfter(long environment, long seq, int limit) {
        // Number the events that are already committed, so that this page includes them. Has no effect while another
        // server assigns sequence numbers.
        dispatcher.dispatchBatch();
        return db.withHandle(handle -> events.after(handle, environment, seq, limit));
    }

    DeliveryList list() {
        return list;
    }

    /** Makes the sender look for due deliveries at once, for example after a replay. */
    void wake() {
        sender.wake();
    }

    EventStore events() {
        return events;
    }

    DeliveryStore store() {
        return store;
    }

    /** Stops sending and waits a few seconds for running requests. */
    @Override
    public void close() {
        sender.close();
    }
}
