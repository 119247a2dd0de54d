package dev.millrace.server.outbound;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How calls leave this machine.
 *
 * @param reach where they may go
 * @param httpsProxy the proxy for all outgoing calls, as {@code HTTPS_PROXY} names it
 * @param noProxy hosts (and their subdomains), {@code host:port}, addresses and networks reached without the proxy
 * @param retryableErrors codes of network errors, such as {@code ENOTFOUND}, after which a call is repeated besides the usual
 *     ones
 * @param extraCaCerts a PEM file of certificate authorities trusted besides the usual ones
 */
public record OutboundConfig(
        Reach reach,
        Optional<URI> httpsProxy,
        List<String> noProxy,
        Set<String> retryableErrors,
        Optional<Path> extraCaCerts,
        Limits limits) {
    public OutboundConfig {
        noProxy = List.copyOf(noProxy);
        retryableErrors = Set.copyOf(retryableErrors);
    }

    /** No proxy, the usual authorities and limits. */
    public static OutboundConfig direct(boolean allowLoopback) {
        return direct(Reach.internet(allowLoopback));
    }

    public static OutboundConfig direct(Reach reach) {
        return new OutboundConfig(reach, Optional.empty(), List.of(), Set.of(), Optional.empty(), Limits.USUAL);
    }

    public OutboundConfig withLimits(Limits value) {
        return new OutboundConfig(reach, httpsProxy, noProxy, retryableErrors, extraCaCerts, value);
    }

    public OutboundConfig withRetryableErrors(Set<String> value) {
        return new OutboundConfig(reach, httpsProxy, noProxy, value, extraCaCerts, limits);
    }

    public OutboundConfig withProxy(URI proxy, List<String> exceptions) {
        return new OutboundConfig(reach, Optional.of(proxy), exceptions, retryableErrors, extraCaCerts, limits);
    }

    public OutboundConfig withExtraCaCerts(Path file) {
        return new OutboundConfig(reach, httpsProxy, noProxy, retryableErrors, Optional.of(file), limits);
    }

    @Override
    public String toString() {
        return "OutboundConfig[reach=" + reach + ", httpsProxy=" + httpsProxy.map(URI::getHost) + ", noProxy=" + noProxy
                + ", retryableErrors=" + retryableErrors + ", extraCaCerts=" + extraCaCerts + ", limits=" + limits
                + ']';
    }
}
