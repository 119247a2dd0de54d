package dev.millrace.server.outbound;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The configuration of outgoing calls.
 *
 * @param reach which addresses may be called
 * @param httpsProxy the proxy for all outgoing calls, in the format of {@code HTTPS_PROXY}
 * @param noProxy hosts (with their subdomains), {@code host:port}, addresses and networks that are called without the
 * proxy
 * @param retryableErrors additional codes of network errors, such as {@code ENOTFOUND}, after which calls are retried
 * @param extraCaCerts a PEM file with additional certificate authorities
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

    /** No proxy, the default authorities and limits. */
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
