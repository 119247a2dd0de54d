package dev.millrace.server.proxy;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One HTTP request, ready to be sent.
 *
 * @param headers lower-case names
 * @param secret the names of those headers that carry credentials
 * @param certificate shown to the server when it asks who calls
 * @param timeout how long the server may take until its answer begins
 */
public record Outgoing(
        String method,
        URI uri,
        Map<String, String> headers,
        byte[] body,
        Set<String> secret,
        Optional<ClientCertificate> certificate,
        Duration timeout) {
    private static final byte[] NOTHING = {};

    /** The same request to where a redirect leads; without its body when it becomes a GET. */
    Outgoing to(URI next, String nextMethod) {
        boolean sameMethod = nextMethod.equals(method);
        var kept = new LinkedHashMap<>(headers);
        kept.keySet().removeIf(name -> !sameMethod && name.startsWith("content-"));
        return new Outgoing(nextMethod, next, kept, sameMethod ? body : NOTHING, secret, certificate, timeout);
    }

    /** The same request with these headers only, and without a certificate. */
    Outgoing anonymous(Map<String, String> harmless) {
        return new Outgoing(method, uri, harmless, body, Set.of(), Optional.empty(), timeout);
    }
}
