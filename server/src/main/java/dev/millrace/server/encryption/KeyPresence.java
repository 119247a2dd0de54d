package dev.millrace.server.encryption;

import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.http.Json;
import java.util.List;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The keys of a running server, as published to the others.
 *
 * @param wanted the first key of its list
 * @param sealing the key that it seals with
 */
record KeyPresence(String node, List<Integer> known, int wanted, int sealing) {
    private static final String TOPIC = "encryption";

    KeyPresence {
        known = List.copyOf(known);
    }

    static KeyPresence of(String node, KeyRing ring, int sealing) {
        return new KeyPresence(node, List.copyOf(ring.ids()), ring.first().id(), sealing);
    }

    /** The keys of all servers. */
    static List<KeyPresence> all(Handle handle) {
        return Cluster.published(handle, TOPIC).stream()
                .map(server -> read(server.node(), server.value()))
                .toList();
    }

    private static KeyPresence read(String node, JsonNode value) {
        return new KeyPresence(
                node,
                value.path("known").valueStream().map(JsonNode::intValue).toList(),
                value.path("wanted").intValue(),
                value.path("sealing").intValue());
    }

    void publish(Cluster cluster, Handle handle) {
        cluster.publish(handle, TOPIC, json());
    }

    private ObjectNode json() {
        var json = Json.object().put("wanted", wanted).put("sealing", sealing);
        var ids = json.putArray("known");
        known.forEach(ids::add);
        return json;
    }

    /** Whether another server has the key. */
    static boolean othersKnow(Handle handle, String node, int id) {
        return all(handle).stream()
                .anyMatch(
                        server -> !server.node().equals(node) && server.known().contains(id));
    }

    /** The servers whose lists do not begin with this key. */
    static List<String> hesitate(Handle handle, int id) {
        return all(handle).stream()
                .filter(server -> server.wanted() != id)
                .map(KeyPresence::node)
                .toList();
    }

    /** The servers that do not seal with this key yet. */
    static List<String> sealOtherwise(Handle handle, int id) {
        return all(handle).stream()
                .filter(server -> server.sealing() != id)
                .map(KeyPresence::node)
                .toList();
    }

    /** The servers that list the current key first while others list another one first. */
    static List<String> disagreement(Handle handle, int current) {
        var all = all(handle);
        return all.stream().allMatch(server -> server.wanted() == current)
                ? List.of()
                : all.stream()
                        .filter(server -> server.wanted() == current)
                        .map(KeyPresence::node)
                        .toList();
    }
}
