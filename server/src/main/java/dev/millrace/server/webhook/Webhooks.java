package dev.millrace.server.webhook;

import dev.millrace.server.action.Invocations;
import dev.millrace.server.connection.ConnectionMatches;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.connection.ConnectionSetup;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Functions;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.sync.Syncs;
import dev.millrace.server.webhook.scheme.Match;
import dev.millrace.server.webhook.scheme.ProviderCall;
import dev.millrace.server.webhook.scheme.Reading;
import dev.millrace.server.webhook.scheme.WebhookEvent;
import dev.millrace.server.webhook.scheme.WebhookRefusal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Entry point for webhooks from providers. Stores a verified webhook in one commit, with the runs and the forwarded
 * webhooks that result from it. Thread-safe.
 */
public final class Webhooks implements AutoCloseable {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED = InboxStore.SEALED;

    private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);
    private static final int LONGEST_TEXT = 1_000;

    /** Headers with secrets that no function and no application needs. */
    private static final Set<String> NOT_STORED = Set.of("authorization", "proxy-authorization", "cookie");

    /** Maximum number of events per call. One statement stores all events of a call. */
    private static final int MOST_EVENTS = 10_000;

    /** Limit in bytes for the copies of a body. There is one copy for each matched connection, and for each call. */
    private static final long MOST_COPIED = 256L * 1024 * 1024;

    private static final WebhookRefusal TOO_MANY_EVENTS =
            new WebhookRefusal(413, "webhook_too_large", "The webhook has more than " + MOST_EVENTS + " events");
    private static final WebhookRefusal TOO_MANY_COPIES = new WebhookRefusal(
            413, "webhook_too_large", "The webhook is too large for the number of connections that it matches");

    private final Encryption encryption;
    private final Matching matching;
    private final Connections connections;
    private final ConnectionSetup setup;
    private final Subscriptions subscriptions;
    private final EventCalls calls;
    private final InboxWriter writer;
    private final ReceivedList received;
    private final ExecutorService settling = Executors.newVirtualThreadPerTaskExecutor();
    private final Clock clock;

    public Webhooks(
            Database db,
            Encryption encryption,
            Schedule schedule,
            ConnectionMatches matches,
            Connections connections,
            ConnectionSetup setup,
            Functions functions,
            Syncs syncs,
            Environments environments,
            WebhookRuns runs,
            Invocations invocations,
            WebhookOutbox outbox,
            Clock clock) {
        this.encryption = encryption;
        this.matching = new Matching(matches);
        this.connections = connections;
        this.setup = setup;
        this.subscriptions = new Subscriptions(functions, syncs);
        this.calls = new EventCalls(functions, environments);
        this.writer = new InboxWriter(db, schedule, outbox, invocations, runs::wake, clock);
        this.received = new ReceivedList(db, encryption, subscriptions, calls, invocations, schedule, clock);
        this.clock = clock;
    }

    /** The list of received webhooks. */
    public ReceivedList received() {
        return received;
    }

    private record Matched(WebhookEvent event, List<Found> connections) {}

    /** The result of accepting a webhook. */
    sealed interface Verdict {
        record Stored(Reading.Response response) implements Verdict {}

        /** The webhook is not valid for the secret of the connection, or it is too large. */
        record Refused(WebhookRefusal refusal) implements Verdict {}
    }

    /**
     * Matches and stores the webhook. Blocks until it is committed. Fails with status 503 if the webhook cannot be
     * stored; the provider may send it again.
     */
    Verdict accept(Integration integration, ProviderCall call, Reading.Accepted accepted) throws InterruptedException {
        if (accepted.events().size() > MOST_EVENTS) {
            return new Verdict.Refused(TOO_MANY_EVENTS);
        }
        // The completed connection matches the webhook. The steps that follow may take minutes, so they run afterwards.
        var completed = accepted.installation().flatMap(installation -> complete(integration, installation));
        try {
            return store(integration, call, accepted);
        } finally {
            completed.ifPresent(connection -> settling.execute(() -> settle(integration, connection)));
        }
    }

    private Verdict store(Integration integration, ProviderCall call, Reading.Accepted accepted)
            throws InterruptedException {
        var matched = new ArrayList<Matched>();
        var found = new HashMap<Match, List<Found>>();
        Optional<WebhookRefusal> refusal = Optional.empty();
        for (var event : accepted.events()) {
            var candidates = found.get(event.match());
            if (candidates == null) {
                candidates = matching.find(integration, event.match());
                found.put(event.match(), candidates);
            }
            var verified = new ArrayList<Found>();
            var refused = verify(event, candidates, verified);
            if (verified.isEmpty() && refused.isPresent()) {
                refusal = refused;
            }
            matched.add(new Matched(event, verified));
        }
        if (refusal.isPresent() && matched.stream().allMatch(m -> m.connections.isEmpty())) {
            return new Verdict.Refused(refusal.get());
        }
        boolean unmatched = matched.stream().allMatch(m -> m.connections.isEmpty());
        var response = accepted.unmatched().filter(_ -> unmatched);
        boolean forwards = integration.forwardWebhooks() && accepted.response().status() == 200 && response.isEmpty();
        var forward = forwards
                ? Optional.of(new Arrival.Forward(shares(integration, matched, accepted.forwarded()), call.headers()))
                : Optional.<Arrival.Forward>empty();
        if (!matched.isEmpty() || forward.isPresent()) {
            var headers = encryption.seal(headers(call.headers()));
            var arrival = new Arrival(
                    integration,
                    clock.instant(),
                    headers,
                    events(integration, call, matched),
                    forward,
                    call.body().length);
            long copied = forward.isPresent()
                    ? arrival.bytes() * arrival.connections().size()
                    : 0;
            if (copied > MOST_COPIED || arrival.copied() > MOST_COPIED) {
                return new Verdict.Refused(TOO_MANY_COPIES);
            }
            writer.write(arrival);
        }
        return new Verdict.Stored(response.orElse(accepted.response()));
    }

    /**
     * Completes the connection that waits for the installation. If that fails, the event is stored anyway; the user can
     * connect again.
     */
    private Optional<ConnectionSetup.Completed> complete(Integration integration, Reading.Installation installation) {
        try {
            return setup.approved(integration, installation.waiting(), installation.config(), installation.code());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (RuntimeException e) {
            LOG.error("An approved installation of {} could not be completed", integration.uniqueKey(), e);
            return Optional.empty();
        }
    }

    private static void settle(Integration integration, ConnectionSetup.Completed connection) {
        try {
            connection.settle();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("A completed connection of {} could not be set up", integration.uniqueKey(), e);
        }
    }

    /** What the application receives: one webhook for each connection, or one for none. */
    private static List<Arrival.Share> shares(Integration integration, List<Matched> matched, JsonNode payload) {
        var eventsOf = new LinkedHashMap<Found, List<JsonNode>>();
        for (var one : matched) {
            one.connections.forEach(found ->
                    eventsOf.computeIfAbsent(found, _ -> new ArrayList<>()).add(one.event.body()));
        }
        if (eventsOf.isEmpty()) {
            return payload.isMissingNode() ? List.of() : List.of(new Arrival.Share(Optional.empty(), payload));
        }
        JsonNode whole = payload.isMissingNode() ? Json.object() : payload;
        var split = integration.webhookForwardSplit() ? PayloadSplit.of(whole) : PayloadSplit.none(whole);
        var shares = new ArrayList<Arrival.Share>();
        eventsOf.forEach((found, events) -> shares.add(new Arrival.Share(Optional.of(found), split.share(events))));
        return shares;
    }

    /**
     * Adds the connections whose own secret verifies the event to {@code verified}, or all candidates if no secret is
     * needed. Skips a connection with a different secret, so that it cannot make the webhooks of other connections
     * fail.
     *
     * @return the refusal by a connection, or the refusal of a call that needs a connection's secret but names no
     *     connection
     */
    private Optional<WebhookRefusal> verify(WebhookEvent event, List<Found> candidates, List<Found> verified) {
        if (event.check().isEmpty()) {
            verified.addAll(candidates);
            return Optional.empty();
        }
        var check = event.check().get();
        if (candidates.isEmpty()) {
            return check.check(Json.object());
        }
        Optional<WebhookRefusal> refusal = Optional.empty();
        for (var candidate : candidates) {
            var metadata = connections.find(candidate.id()).flatMap(connection -> connection.metadata());
            var refused = check.check(Json.parseObject(metadata.orElse(null)));
            if (refused.isEmpty()) {
                verified.add(candidate);
            } else {
                refusal = refused;
            }
        }
        return refusal;
    }

    private static String headers(Map<String, String> given) {
        var kept = Json.object();
        new TreeMap<>(given).forEach((name, value) -> {
            if (!NOT_STORED.contains(name)) {
                kept.put(name, value);
            }
        });
        return Json.text(kept);
    }

    private List<Arrival.Event> events(Integration integration, ProviderCall call, List<Matched> matched)
            throws InterruptedException {
        var place = new EventCalls.Place(integration.environmentId(), integration.id(), integration.uniqueKey());
        var started = subscriptions.started(
                integration.id(),
                matched.stream()
                        .map(m -> Subscriptions.Event.of(m.event.type(), m.event.headerType(), m.connections))
                        .toList());
        var events = new ArrayList<Arrival.Event>();
        for (int i = 0; i < matched.size(); i++) {
            var event = matched.get(i).event;
            events.add(new Arrival.Event(
                    UUID.randomUUID(),
                    storable(event.type()),
                    storable(event.headerType()),
                    storable(event.id().filter(id -> id.length() <= LONGEST_TEXT)),
                    matched.get(i).connections,
                    encryption.seal(Json.bytes(event.body())),
                    started.get(i).runs(),
                    calls.of(
                            place,
                            started.get(i).functions(),
                            matched.get(i).connections,
                            call.headers(),
                            call.query(),
                            event.body())));
        }
        return events;
    }

    /** A provider id that is too long is dropped by the caller: two ids may not become one. */
    private static Optional<String> storable(Optional<String> text) {
        return text.map(value -> Storable.text(Storable.start(value, LONGEST_TEXT)));
    }

    /** Stores the waiting webhooks. Another process continues to set up completed connections. */
    @Override
    public void close() {
        settling.shutdownNow();
        writer.close();
    }
}
