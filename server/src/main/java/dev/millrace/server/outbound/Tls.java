package dev.millrace.server.outbound;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/** Starts TLS on connections, with the client certificate of the call that opens them. Thread-safe. */
final class Tls implements TlsSocketStrategy {
    /** The attribute of a call's context that holds its certificate. */
    static final String CERTIFICATE = "millrace.certificate";

    private static final int MOST_CERTIFICATES = 32;

    private final Optional<Path> extraCaCerts;
    private final ReentrantLock opening = new ReentrantLock();
    private final LinkedHashMap<ClientCertificate, TlsSocketStrategy> certified = new LinkedHashMap<>(16, 0.75f, true);
    private volatile @Nullable TlsSocketStrategy plain;

    Tls(Optional<Path> extraCaCerts) {
        this.extraCaCerts = extraCaCerts;
    }

    @Override
    public SSLSocket upgrade(Socket socket, String target, int port, @Nullable Object attachment, HttpContext context)
            throws IOException {
        var certificate = (ClientCertificate) context.getAttribute(CERTIFICATE);
        var strategy = certificate == null ? plain() : certified(certificate);
        return strategy.upgrade(socket, target, port, attachment, context);
    }

    /**
     * Created by the first call that needs it, because loading the certificate authorities would slow down the server's
     * start.
     */
    private TlsSocketStrategy plain() {
        var known = plain;
        if (known != null) {
            return known;
        }
        opening.lock();
        try {
            var made = plain == null ? make(Optional.empty()) : plain;
            plain = made;
            return made;
        } finally {
            opening.unlock();
        }
    }

    private TlsSocketStrategy certified(ClientCertificate certificate) {
        opening.lock();
        try {
            var strategy = certified.computeIfAbsent(certificate, c -> make(Optional.of(c)));
            if (certified.size() > MOST_CERTIFICATES) {
                certified.pollFirstEntry();
            }
            return strategy;
        } finally {
            opening.unlock();
        }
    }

    private TlsSocketStrategy make(Optional<ClientCertificate> certificate) {
        var keys = certificate.map(ClientCertificate::keyManagers).orElse(null);
        return new DefaultClientTlsStrategy(
                Trust.context(extraCaCerts, keys), HostnameVerificationPolicy.BUILTIN, null);
    }
}
