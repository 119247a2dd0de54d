package dev.millrace.server.outbound;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One HTTP request, ready to be sent.
 *
 * @param headers lower-case names
 * @param given what the caller gave of the body: all of it that another host may see
 * @param secret the names of those headers that carry credentials
 * @param certificate shown to the server when it asks who calls
 * @param timeout how long the server may take until its answer begins
 */
public record Outgoing(
        String method,
        Url uri,
        Map<String, String> headers,
        Payload body,
        Payload given,
        Set<String> secret,
        Optional<ClientCertificate> certificate,
        Duration timeout) {
    /** The same request to where a redirect leads; without its body when it becomes a GET. */
    public Outgoing to(Url next, String nextMethod) {
        return nextMethod.equals(method)
                ? new Outgoing(method, next, headers, body, given, secret, certificate, timeout)
                : new Outgoing(
                        nextMethod, next, bodiless(headers), Payload.NONE, Payload.NONE, secret, certificate, timeout);
    }

    /** The same request with these headers only, without a certificate and without what was laid into its body. */
    public Outgoing anonymous(Map<String, String> harmless) {
        var kept = given.length() == 0 ? bodiless(harmless) : harmless;
        return new Outgoing(method, uri, kept, given, given, Set.of(), Optional.empty(), timeout);
    }

    private static Map<String, String> bodiless(Map<String, String> headers) {
        var kept = new LinkedHashMap<>(headers);
        kept.keySet().removeIf(name -> name.startsWith("content-"));
        return kept;
    }
}
