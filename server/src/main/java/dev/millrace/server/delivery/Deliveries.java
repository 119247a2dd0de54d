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
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entry point for the delivery of webhooks: sends the events that the {@link WebhookOutbox} stores, each at least once.
 * All servers on a database share the work. If a server is lost, the others send the deliveries that it had claimed.
 * Thread-safe.
 */
public final class Deliveries implements AutoCloseable {
    private static final String BODY = """
            SELECT e.body
              FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id
             WHERE d.environment_id = :environment AND d.id = :id
            """;

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

    /** @param next cursor of the next page, if there may be one */
    public record Page(List<ObjectNode> items, Optional<String> next) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /**
     * Deliveries as the API shows them, newest first. Empty filters match everything.
     *
     * @param cursor of an earlier page; an unknown one means the first page
     */
    public Page page(
            long environment,
            Optional<String> state,
            Optional<String> type,
            Optional<String> connection,
            Optional<String> cursor,
            int limit) {
        var filter = new DeliveryList.Filter(
                environment,
                state,
                type,
                Optional.empty(),
                Optional.empty(),
                connection,
                Optional.empty(),
                Optional.empty());
        var items = list.page(filter, cursor.flatMap(DeliveryCursor::parse).orElse(DeliveryCursor.START), limit);
        return new Page(
                items.stream().map(DeliveryList.Item::json).toList(),
                items.size() == limit ? Optional.of(items.getLast().cursor().encode()) : Optional.empty());
    }

    /** A delivery as the API shows it. */
    public Optional<ObjectNode> find(long environment, UUID id) {
        return list.find(environment, id);
    }

    /** The JSON text that a delivery sends. */
    public Optional<String> body(long environment, UUID id) {
        return db.withHandle(handle -> handle.createQuery(BODY)
                .bind("environment", environment)
                .bind("id", id)
                .map((row, _) -> events.body(row))
                .findOne());
    }

    /**
     * Makes a delivery due at once and resets its number of attempts.
     *
     * @return false if it is being sent now
     */
    public boolean replay(long environment, UUID id) {
        boolean due = list.replay(environment, id);
        if (due) {
            sender.wake();
        }
        return due;
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
