package dev.millrace.server.proxy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How calls leave this machine.
 *
 * @param allowLoopback whether providers may have this machine's own addresses
 * @param httpsProxy the proxy for all outgoing calls, as {@code HTTPS_PROXY} names it
 * @param noProxy hosts (and their subdomains) reached without the proxy
 * @param extraCaCerts a PEM file of certificate authorities trusted besides the usual ones
 */
public record OutboundConfig(
        boolean allowLoopback, Optional<URI> httpsProxy, List<String> noProxy, Optional<Path> extraCaCerts) {
    public OutboundConfig {
        noProxy = List.copyOf(noProxy);
    }

    /** No proxy, the usual authorities. */
    public static OutboundConfig direct(boolean allowLoopback) {
        return new OutboundConfig(allowLoopback, Optional.empty(), List.of(), Optional.empty());
    }
}
