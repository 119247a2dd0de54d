package dev.millrace.server.webhook.scheme;

import java.util.List;

/** A condition that selects the matched connections of an event. */
public sealed interface Match {
    /** All connections of the integration. */
    record All() implements Match {}

    /** The connection with this public id. */
    record ConnectionId(String id) implements Match {}

    /** Connections whose metadata has the value under this key, as text or in an array. */
    record Metadata(String key, String value) implements Match {}

    /** Connections whose {@code connection_config} has the value under this key; the key is one literal name. */
    record Config(String key, String value) implements Match {}

    /** The connections of the first rule that matches any. An empty list matches none. */
    record First(List<Match> rules) implements Match {
        public First {
            rules = List.copyOf(rules);
        }
    }
}
