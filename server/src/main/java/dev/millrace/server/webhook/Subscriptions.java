package dev.millrace.server.webhook;

import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.sync.Syncs;
import dev.millrace.server.webhook.Arrival.Planned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Finds the functions that are subscribed to an event. Thread-safe. */
final class Subscriptions {
    private static final String ANY = "*";

    private final Functions functions;
    private final Syncs syncs;

    Subscriptions(Functions functions, Syncs syncs) {
        this.functions = functions;
        this.syncs = syncs;
    }

    /** The properties of an event by which the subscribed functions are found. */
    record Event(Optional<String> type, Optional<String> headerType, List<Long> connections) {
        Event {
            connections = List.copyOf(connections);
        }

        static Event of(Optional<String> type, Optional<String> headerType, List<Found> connections) {
            return new Event(
                    type, headerType, connections.stream().map(Found::id).toList());
        }

        private boolean isWanted(String subscription) {
            return subscription.equals(ANY)
                    || type.filter(subscription::equals).isPresent()
                    || headerType.filter(subscription::equals).isPresent();
        }
    }

    private record Name(long connection, String sync) {}

    /** A bundle function and its first subscription that matches an event. */
    record Subscribed(String function, String subscription) {}

    /**
     * What an event starts.
     *
     * @param runs of syncs
     * @param functions each on all connections of the event
     */
    record Started(List<Planned> runs, List<Subscribed> functions) {
        static final Started NOTHING = new Started(List.of(), List.of());

        Started {
            runs = List.copyOf(runs);
            functions = List.copyOf(functions);
        }
    }

    /** What each event of an integration starts, in the order of the events. */
    List<Started> started(long integration, List<Event> events) throws InterruptedException {
        var connections = events.stream()
                .flatMap(event -> event.connections().stream())
                .distinct()
                .toList();
        if (connections.isEmpty()) {
            return events.stream().map(_ -> Started.NOTHING).toList();
        }
        var subscribers = functions.subscribers(integration).stream()
                .filter(s -> events.stream().anyMatch(event -> isWanted(s, event)))
                .toList();
        if (subscribers.isEmpty()) {
            return events.stream().map(_ -> Started.NOTHING).toList();
        }
        var syncing = subscribers.stream().filter(s -> s.kind() == Kind.SYNC).toList();
        var bases = syncing.isEmpty() ? Map.<Name, UUID>of() : bases(connections, syncing);
        return events.stream()
                .map(event -> new Started(runs(event, syncing, bases), functions(event, subscribers)))
                .toList();
    }

    private static List<Subscribed> functions(Event event, List<Functions.Subscriber> subscribers) {
        var found = new ArrayList<Subscribed>();
        for (var subscriber : subscribers) {
            if (subscriber.kind() == Kind.FUNCTION) {
                subscriber.subscriptions().stream()
                        .filter(event::isWanted)
                        .findFirst()
                        .ifPresent(subscription -> found.add(new Subscribed(subscriber.name(), subscription)));
            }
        }
        return found;
    }

    private static boolean isWanted(Functions.Subscriber subscriber, Event event) {
        return subscriber.subscriptions().stream().anyMatch(event::isWanted);
    }

    private Map<Name, UUID> bases(List<Long> connections, List<Functions.Subscriber> subscribers) {
        var names = subscribers.stream().map(Functions.Subscriber::name).toList();
        var bases = new HashMap<Name, UUID>();
        syncs.bases(connections, names).forEach(base -> bases.put(new Name(base.connection(), base.name()), base.id()));
        return bases;
    }

    private static List<Planned> runs(Event event, List<Functions.Subscriber> subscribers, Map<Name, UUID> bases) {
        var runs = new ArrayList<Planned>();
        for (var subscriber : subscribers) {
            if (isWanted(subscriber, event)) {
                for (long connection : event.connections()) {
                    var base = Optional.ofNullable(bases.get(new Name(connection, subscriber.name())));
                    runs.add(new Planned(connection, subscriber.name(), base));
                }
            }
        }
        return runs;
    }
}
