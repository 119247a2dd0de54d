package dev.millrace.server.webhook;

import dev.millrace.server.connection.ConnectionMatches;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.connection.ConnectionSetup;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.function.Functions;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.sync.Syncs;
import dev.millrace.server.webhook.scheme.ProviderCall;
import dev.millrace.server.webhook.scheme.Reading;
import dev.millrace.server.webhook.scheme.WebhookEvent;
import dev.millrace.server.webhook.scheme.WebhookRefusal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Entry point for webhooks of providers: stores a verified webhook, with the runs and forwards that follow from it, by
 * one commit. Thread-safe.
 */
public final class Webhooks implements AutoCloseable {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED = InboxStore.SEALED;

    /** Headers with secrets that no function and no application needs. */
    private static final Set<String> NOT_STORED = Set.of("authorization", "proxy-authorization", "cookie");

    private final Encryption encryption;
    private final Matching matching;
    private final Connections connections;
    private final ConnectionSetup setup;
    private final Subscriptions subscriptions;
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
            WebhookRuns runs,
            WebhookOutbox outbox,
            Clock clock) {
        this.encryption = encryption;
        this.matching = new Matching(matches);
        this.connections = connections;
        this.setup = setup;
        this.subscriptions = new Subscriptions(functions, syncs);
        this.writer = new InboxWriter(db, schedule, outbox, runs::wake, clock);
        this.received = new ReceivedList(db, encryption, subscriptions, schedule, clock);
        this.clock = clock;
    }

    /** What was stored. */
    public ReceivedList received() {
        return received;
    }

    private record Matched(WebhookEvent event, List<Found> connections) {}

    /** What became of a webhook. */
    sealed interface Verdict {
        record Stored(Reading.Response response) implements Verdict {}

        /** The secret of a connection says that it is not genuine. */
        record Refused(WebhookRefusal refusal) implements Verdict {}
    }

    /** Returns once it is stored. */
    Verdict accept(Integration integration, ProviderCall call, Reading.Accepted accepted) throws InterruptedException {
        if (accepted.installation().isPresent()) {
            var installation = accepted.installation().get();
            setup.approved(integration, installation.waiting(), installation.config());
        }
        var matched = new ArrayList<Matched>();
        for (var event : accepted.events()) {
            var found = matching.find(integration, event.match());
            var refusal = refusal(event, found);
            if (refusal.isPresent()) {
                return new Verdict.Refused(refusal.get());
            }
            matched.add(new Matched(event, found));
        }
        boolean unmatched = matched.stream().allMatch(m -> m.connections.isEmpty());
        var response = accepted.unmatched().filter(_ -> unmatched);
        boolean forwards = integration.forwardWebhooks() && accepted.response().status() == 200 && response.isEmpty();
        var forward = forwards
                ? Optional.of(new Arrival.Forward(accepted.forwarded(), call.headers()))
                : Optional.<Arrival.Forward>empty();
        if (!matched.isEmpty() || forward.isPresent()) {
            var headers = encryption.seal(headers(call.headers()));
            writer.write(new Arrival(integration, clock.instant(), headers, events(integration, matched), forward));
        }
        return new Verdict.Stored(response.orElse(accepted.response()));
    }

    private Optional<WebhookRefusal> refusal(WebhookEvent event, List<Found> found) {
        if (event.check().isEmpty()) {
            return Optional.empty();
        }
        for (var match : found) {
            var metadata = connections.find(match.id()).flatMap(connection -> connection.metadata());
            var refusal = event.check().get().check(Json.parseObject(metadata.orElse(null)));
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
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

    private List<Arrival.Event> events(Integration integration, List<Matched> matched) {
        var runs = subscriptions.runs(
                integration.id(),
                matched.stream()
                        .map(m -> Subscriptions.Event.of(m.event.type(), m.event.headerType(), m.connections))
                        .toList());
        var events = new ArrayList<Arrival.Event>();
        for (int i = 0; i < matched.size(); i++) {
            var event = matched.get(i).event;
            events.add(new Arrival.Event(
                    UUID.randomUUID(),
                    event.type(),
                    event.headerType(),
                    event.id(),
                    matched.get(i).connections,
                    encryption.seal(Json.bytes(event.body())),
                    runs.get(i)));
        }
        return events;
    }

    /** Stores what waits. */
    @Override
    public void close() {
        writer.close();
    }
}
