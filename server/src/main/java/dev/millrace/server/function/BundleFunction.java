package dev.millrace.server.function;

import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * What a function deployed as a bundle says of itself beyond other functions.
 *
 * @param serial whether its runs on a connection are executed one after the other
 */
public record BundleFunction(Trigger trigger, Capabilities capabilities, boolean serial) {
    /** What starts it. */
    public sealed interface Trigger {
        /** Calls of its invocation endpoint only. */
        record None() implements Trigger {}

        /** @param subscriptions the events of the provider that start it too */
        record Http(List<String> subscriptions, Optional<Debounce> debounce) implements Trigger {
            public Http {
                subscriptions = List.copyOf(subscriptions);
            }
        }

        /** @param starts whether the schedule begins with the connection */
        record Schedule(Frequency frequency, boolean starts) implements Trigger {}

        /** @param events of connections */
        record Event(List<String> events) implements Trigger {
            public Event {
                events = List.copyOf(events);
            }
        }

        /** The name on the wire. */
        default String kind() {
            return switch (this) {
                case None _ -> "none";
                case Http _ -> "http";
                case Schedule _ -> "schedule";
                case Event _ -> "event";
            };
        }
    }

    /**
     * Calls within a window become one run.
     *
     * @param keyBy only calls with equal values are collected together
     * @param windowMillis from the first call on
     * @param most how many are collected; the run begins when they are there
     */
    public record Debounce(List<Key> keyBy, int windowMillis, OptionalInt most, Take take) {
        public Debounce {
            keyBy = List.copyOf(keyBy);
        }

        /** Which of the collected calls the run gets. */
        public enum Take {
            LATEST,
            FIRST,
            ALL
        }

        /** A part of a call. */
        public sealed interface Key {
            /** @param path property names and indexes, separated by dots */
            record Body(String path) implements Key {}

            record Header(String name) implements Key {}
        }
    }

    /** What it may use beyond its log and the environment's variables. */
    public record Capabilities(
            boolean connection, boolean outbound, boolean metadata, boolean checkpoints, boolean records) {
        /** The names for the worker. */
        public List<String> names() {
            var names = new ArrayList<String>();
            add(names, connection, "connection");
            add(names, outbound, "outbound");
            add(names, metadata, "metadata");
            add(names, checkpoints, "checkpoints");
            add(names, records, "records");
            return names;
        }

        private static void add(List<String> names, boolean has, String name) {
            if (has) {
                names.add(name);
            }
        }
    }

    /** Reads it from a stored function of the kind {@link Kind#FUNCTION}. */
    public static BundleFunction of(Function function) {
        var bundle = Json.parseObject(function.bundle().orElse(null));
        var uses = bundle.path("capabilities");
        var capabilities = new Capabilities(
                bundle.at("/requires/connection").asBoolean(true),
                uses.path("usesOutbound").asBoolean(false),
                uses.path("usesMetadata").asBoolean(false),
                uses.path("usesCheckpoints").asBoolean(false),
                uses.path("usesRecords").asBoolean(false));
        var trigger = trigger(function, bundle.path("trigger"));
        var limit = bundle.at("/limits/concurrency/perConnection");
        boolean serial = limit.isMissingNode() ? trigger instanceof Trigger.Schedule : limit.isInt();
        return new BundleFunction(trigger, capabilities, serial);
    }

    private static Trigger trigger(Function function, JsonNode trigger) {
        return switch (trigger.path("kind").asString("none")) {
            case "http" ->
                new Trigger.Http(
                        function.webhookSubscriptions(),
                        trigger.has("debounce") ? Optional.of(debounce(trigger.path("debounce"))) : Optional.empty());
            case "schedule" ->
                new Trigger.Schedule(
                        Frequency.parse(function.runs().orElseThrow()).orElseThrow(), function.autoStart());
            case "event" ->
                new Trigger.Event(trigger.path("events")
                        .valueStream()
                        .map(JsonNode::stringValue)
                        .toList());
            default -> new Trigger.None();
        };
    }

    private static Debounce debounce(JsonNode debounce) {
        var given = debounce.path("keyBy");
        var keys = (given.isArray()
                        ? given.valueStream().toList()
                        : given.isObject() ? List.of(given) : List.<JsonNode>of())
                .stream()
                        .map(key -> key.has("header")
                                ? new Debounce.Key.Header(key.path("header").stringValue())
                                : (Debounce.Key)
                                        new Debounce.Key.Body(key.path("body").stringValue()))
                        .toList();
        var take = switch (debounce.path("take").asString("latest")) {
            case "first" -> Debounce.Take.FIRST;
            case "all" -> Debounce.Take.ALL;
            default -> Debounce.Take.LATEST;
        };
        var most = debounce.has("maxEntities")
                ? OptionalInt.of(debounce.path("maxEntities").intValue())
                : OptionalInt.empty();
        return new Debounce(keys, debounce.path("windowMs").intValue(), most, take);
    }
}
