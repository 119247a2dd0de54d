package dev.millrace.server.outbound;

import dev.millrace.server.http.Pem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/** The certificate and key, both in PEM form, with which a connection authenticates to its provider (mutual TLS). */
public record ClientCertificate(String certificate, String key) {
    private static final char[] NO_PASSWORD = {};

    KeyManager[] keyManagers() {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            var chain = Pem.certificates(certificate).toArray(Certificate[]::new);
            store.setKeyEntry("client", Pem.privateKey(key), NO_PASSWORD, chain);
            var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, NO_PASSWORD);
            return managers.getKeyManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw OutboundFailure.refused(
                    "invalid_certificate_or_key_format",
                    "The connection's client_certificate and client_private_key must be a certificate and its"
                            + " unencrypted private key in PEM form: " + e.getMessage());
        }
    }

    @Override
    public String toString() {
        return "ClientCertificate[***]";
    }
}
