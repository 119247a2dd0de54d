package dev.millrace.server.proxy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How calls leave this machine.
 *
 * @param allowLoopback whether providers may have this machine's own addresses
 * @param httpsProxy the proxy for all outgoing calls, as {@code HTTPS_PROXY} names it
 * @param noProxy hosts (and their subdomains) reached without the proxy
 * @param retryableErrors codes of network errors, such as {@code ENOTFOUND}, after which a call is repeated besides the usual
 *     ones
 * @param extraCaCerts a PEM file of certificate authorities trusted besides the usual ones
 */
public record OutboundConfig(
        boolean allowLoopback,
        Optional<URI> httpsProxy,
        List<String> noProxy,
        Set<String> retryableErrors,
        Optional<Path> extraCaCerts) {
    public OutboundConfig {
        noProxy = List.copyOf(noProxy);
        retryableErrors = Set.copyOf(retryableErrors);
    }

    /** No proxy, the usual authorities. */
    public static OutboundConfig direct(boolean allowLoopback) {
        return new OutboundConfig(allowLoopback, Optional.empty(), List.of(), Set.of(), Optional.empty());
    }
}
