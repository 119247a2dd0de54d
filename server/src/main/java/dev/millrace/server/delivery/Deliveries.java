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
 * Entry point for the delivery of webhooks: sends what the {@link WebhookOutbox} has written down, each at least once. The
 * servers on one database share the work; what a lost one was sending is sent by others. Thread-safe.
 */
public final class Deliveries implements AutoCloseable {
    private final Database db;
    private final EventStore events;
    private final Dispatcher dispatcher;
    private final DeliveryStore store;
    private final DeliveryList list;
    private final Sender sender;

    /**
     * @param product the value of the header {@code user-agent}
     * @param outbox whose events it sends
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
        var courier = new Courier(outbound, new SenderKeys(keys, clock), config.timeout(), product, clock);
        this.sender =
                new Sender(dispatcher, destinations, store, courier, settings, new AttemptLog(logs, clock), config);
        outbox.onCommit(sender::wake);
        cluster.subscribe(Dispatcher.TOPIC, _ -> sender.wake());
        cluster.onLoss((handle, lost) -> {
            DeliveryStore.release(handle, lost.process());
            handle.afterCommit(sender::wake);
        });
    }

    /** Begins to send; once the cluster has begun. */
    public void begin() {
        sender.start();
    }

    /** A page of what was told, oldest first; goes on where the page before ended. */
    List<EventStore.Told> eventsAfter(long environment, long seq, int limit) {
        // What is committed by now is to be in it, if no server gives out places at this moment.
        dispatcher.round();
        return db.withHandle(handle -> events.after(handle, environment, seq, limit));
    }

    DeliveryList list() {
        return list;
    }

    /** Deliveries that somebody asks to be sent again are due. */
    void wake() {
        sender.wake();
    }

    EventStore events() {
        return events;
    }

    DeliveryStore store() {
        return store;
    }

    @Override
    public void close() {
        sender.close();
    }
}
