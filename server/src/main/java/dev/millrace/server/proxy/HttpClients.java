package dev.millrace.server.proxy;

import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP clients of outgoing calls: one for all, and one for each client certificate, because connections to a server
 * belong to who has shown a certificate on them. Thread-safe.
 */
final class HttpClients implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(30);
    private static final int MOST_CERTIFICATES = 32;

    private final OutboundConfig config;
    private final @Nullable ProxyChoice proxy;

    private final ReentrantLock opening = new ReentrantLock();
    private final LinkedHashMap<ClientCertificate, HttpClient> certified = new LinkedHashMap<>(16, 0.75f, true);
    private volatile @Nullable HttpClient plain;

    HttpClients(OutboundConfig config, @Nullable ProxyChoice proxy) {
        this.config = config;
        this.proxy = proxy;
    }

    /** Opened by the first request: loading the certificate authorities would slow the server's start. */
    HttpClient client(Optional<ClientCertificate> certificate) {
        var known = plain;
        if (known != null && certificate.isEmpty()) {
            return known;
        }
        opening.lock();
        try {
            return certificate.map(this::certified).orElseGet(this::plain);
        } finally {
            opening.unlock();
        }
    }

    private HttpClient plain() {
        var opened = plain == null ? open(Optional.empty()) : plain;
        plain = opened;
        return opened;
    }

    private HttpClient certified(ClientCertificate certificate) {
        var known = certified.get(certificate);
        if (known != null) {
            return known;
        }
        var opened = open(Optional.of(certificate));
        certified.put(certificate, opened);
        if (certified.size() > MOST_CERTIFICATES) {
            // Ends once its calls have: they hold it.
            certified.pollFirstEntry();
        }
        return opened;
    }

    private HttpClient open(Optional<ClientCertificate> certificate) {
        var builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .executor(Executors.newVirtualThreadPerTaskExecutor());
        if (proxy != null) {
            builder.proxy(proxy);
        }
        config.httpsProxy().map(URI::getUserInfo).ifPresent(user -> builder.authenticator(proxyUser(user)));
        tls(certificate).ifPresent(builder::sslContext);
        return builder.build();
    }

    private Optional<SSLContext> tls(Optional<ClientCertificate> certificate) {
        return config.extraCaCerts().isEmpty() && certificate.isEmpty()
                ? Optional.empty()
                : Optional.of(Trust.context(
                        config.extraCaCerts(),
                        certificate.map(ClientCertificate::keyManagers).orElse(null)));
    }

    private static Authenticator proxyUser(String userInfo) {
        int colon = userInfo.indexOf(':');
        var name = colon < 0 ? userInfo : userInfo.substring(0, colon);
        var password = colon < 0 ? "" : userInfo.substring(colon + 1);
        return new Authenticator() {
            @Override
            protected @Nullable PasswordAuthentication getPasswordAuthentication() {
                boolean forProxy = getRequestorType() == RequestorType.PROXY;
                return forProxy ? new PasswordAuthentication(name, password.toCharArray()) : null;
            }
        };
    }

    @Override
    public void close() {
        opening.lock();
        try {
            certified.values().forEach(HttpClient::shutdownNow);
            var opened = plain;
            if (opened != null) {
                opened.shutdownNow();
            }
        } finally {
            opening.unlock();
        }
    }
}
