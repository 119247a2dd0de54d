package dev.millrace.server.outbound;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The certificate authorities that this server trusts: the default ones and those of a PEM file. */
final class Trust {
    private Trust() {}

    /**
     * @param extra a PEM file with additional authorities
     * @param own the client certificates of this server; null for none
     */
    static SSLContext context(Optional<Path> extra, KeyManager @Nullable [] own) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(own, extra.isPresent() ? trusting(extra.get()) : null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TrustManager[] trusting(Path pem) {
        try (var in = Files.newInputStream(pem)) {
            var authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null);
            int number = 0;
            for (var usual : usual()) {
                authorities.setCertificateEntry("usual-" + number++, usual);
            }
            for (var extra : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                authorities.setCertificateEntry("extra-" + number++, extra);
            }
            return managers(authorities).getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "The file of certificate authorities " + pem + " cannot be used: " + e, e);
        }
    }

    private static java.security.cert.X509Certificate[] usual() throws GeneralSecurityException {
        for (var manager : managers(null).getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509.getAcceptedIssuers();
            }
        }
        return new java.security.cert.X509Certificate[0];
    }

    private static TrustManagerFactory managers(@Nullable KeyStore authorities) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        return factory;
    }
}
