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
 * @param given the part of the body that the caller has sent; another host may see only this part
 * @param secret the names of the headers that contain credentials
 * @param certificate presented when the server requests one
 * @param timeout how long the server may take until its response begins
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
    /** The same request to the target of a redirect; without its body when it becomes a GET. */
    public Outgoing to(Url next, String nextMethod) {
        return nextMethod.equals(method)
                ? new Outgoing(method, next, headers, body, given, secret, certificate, timeout)
                : new Outgoing(
                        nextMethod, next, bodiless(headers), Payload.NONE, Payload.NONE, secret, certificate, timeout);
    }

    /**
     * The same request with only these headers, without a certificate and without values that the definition added to
     * its body.
     */
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
