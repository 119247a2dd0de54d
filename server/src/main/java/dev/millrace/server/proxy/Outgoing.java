package dev.millrace.server.proxy;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One HTTP request, ready to be sent.
 *
 * @param headers lower-case names
 */
public record Outgoing(String method, URI uri, Map<String, String> headers, byte[] body) {
    private static final byte[] NOTHING = {};

    /** The same request to where a redirect leads; without its body when it becomes a GET. */
    Outgoing to(URI next, String nextMethod, Map<String, String> nextHeaders) {
        if (nextMethod.equals(method)) {
            return new Outgoing(method, next, nextHeaders, body);
        }
        var bare = new LinkedHashMap<>(nextHeaders);
        bare.keySet().removeIf(name -> name.startsWith("content-"));
        return new Outgoing(nextMethod, next, bare, NOTHING);
    }
}
