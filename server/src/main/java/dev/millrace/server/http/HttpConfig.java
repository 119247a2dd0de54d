package dev.millrace.server.http;

import dev.millrace.server.network.Network;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of the HTTP server.
 *
 * @param port 0 picks a free one
 * @param bodyLimit largest request body in bytes
 * @param grace how long requests and runs may continue after a stop
 * @param tls the certificate; plain HTTP if empty
 * @param trustedProxies addresses and networks whose headers about the client are trusted
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

    /** Plain HTTP without trusted proxies. */
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

    /** PEM files: the certificate with its chain, and its private key. */
    public record Tls(Path certificate, Path key) {
        /** The errors in the files. */
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
