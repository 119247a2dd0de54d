package dev.millrace.server.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's certificate, reloaded when its files change. */
final class Certificate {
    private static final Logger LOG = LoggerFactory.getLogger(Certificate.class);
    private static final char[] NO_PASSWORD = {};
    private static final byte[] SAMPLE = {1, 2, 3};

    private final HttpConfig.Tls files;
    private final SslContextFactory.Server factory = new SslContextFactory.Server();
    private List<FileTime> seen;

    /** Throws an {@link IllegalArgumentException} that describes the error in the files. */
    Certificate(HttpConfig.Tls files) {
        this.files = files;
        try {
            seen = times();
            factory.setKeyStore(read());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "TLS is not possible with " + files.certificate() + " and " + files.key() + ": " + e.getMessage(),
                    e);
        }
        factory.setKeyStorePassword("");
        // Clients that ask for another host name get this certificate too, because proxies and probes use addresses.
        factory.setSniRequired(false);
    }

    SslContextFactory.Server factory() {
        return factory;
    }

    /** New connections use the current files. While certificate and key do not match, the old ones stay in use. */
    void refresh() {
        try {
            var now = times();
            if (now.equals(seen)) {
                return;
            }
            var store = read();
            factory.reload(f -> f.setKeyStore(store));
            seen = now;
            LOG.info("The certificate {} was reloaded", files.certificate());
        } catch (Exception e) {
            LOG.debug("The certificate {} was not reloaded", files.certificate(), e);
        }
    }

    private List<FileTime> times() throws IOException {
        return List.of(Files.getLastModifiedTime(files.certificate()), Files.getLastModifiedTime(files.key()));
    }

    private KeyStore read() throws IOException, GeneralSecurityException {
        var chain = Pem.certificates(text(files.certificate()));
        var key = Pem.privateKey(text(files.key()));
        checkPair(chain.getFirst(), key);
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        return store;
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file);
    }

    private static void checkPair(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        var signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(SAMPLE);
        var checking = Signature.getInstance(algorithm);
        checking.initVerify(certificate.getPublicKey());
        checking.update(SAMPLE);
        if (!checking.verify(signing.sign())) {
            throw new GeneralSecurityException("the key does not belong to the certificate");
        }
    }
}
