package dev.millrace.server.http;

import dev.millrace.server.network.Network;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the server listens, and to whom.
 *
 * @param port 0 picks a free one
 * @param bodyLimit largest request body in bytes
 * @param grace how long requests and runs may go on once the server stops
 * @param tls the certificate to listen with; plain HTTP without
 * @param trustedProxies addresses and networks whose word on a request's origin counts
 */
public record HttpConfig(
        String host,
        int port,
        long bodyLimit,
        Duration grace,
        Optional<Tls> tls,
        List<Network> trustedProxies,
        HttpLimits limits) {
    /** The reference's limit. */
    public static final long DEFAULT_BODY_LIMIT = 75L * 1024 * 1024;

    public HttpConfig {
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** Plain HTTP without proxies in front. */
    public HttpConfig(String host, int port, long bodyLimit, Duration grace) {
        this(host, port, bodyLimit, grace, Optional.empty(), List.of(), HttpLimits.USUAL);
    }

    public HttpConfig withTls(Tls files) {
        return new HttpConfig(host, port, bodyLimit, grace, Optional.of(files), trustedProxies, limits);
    }

    public HttpConfig withTrustedProxies(List<Network> networks) {
        return new HttpConfig(host, port, bodyLimit, grace, tls, networks, limits);
    }

    public HttpConfig withLimits(HttpLimits other) {
        return new HttpConfig(host, port, bodyLimit, grace, tls, trustedProxies, other);
    }

    /** PEM files: the certificate with those that vouch for it, and its private key. */
    public record Tls(Path certificate, Path key) {
        /** What is wrong with them. */
        public Optional<String> problem() {
            try {
                new Certificate(this);
                return Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
    }
}
