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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
        accepted.installation().ifPresent(installation -> approve(integration, installation));
        var matched = new ArrayList<Matched>();
        var found = new HashMap<Match, List<Found>>();
        Optional<WebhookRefusal> refusal = Optional.empty();
        for (var event : accepted.events()) {
            var candidates = found.computeIfAbsent(event.match(), match -> matching.find(integration, match));
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
                ? Optional.of(new Arrival.Forward(accepted.forwarded(), call.headers()))
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
    private void approve(Integration integration, Reading.Installation installation) {
        try {
            setup.approved(integration, installation.waiting(), installation.config(), installation.code());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("An approved installation of {} could not be completed", integration.uniqueKey(), e);
        }
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

    private List<Arrival.Event> events(Integration integration, ProviderCall call, List<Matched> matched) {
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

    /** Stores the waiting webhooks. */
    @Override
    public void close() {
        writer.close();
    }
}
