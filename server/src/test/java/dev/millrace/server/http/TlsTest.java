package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(300)
class TlsTest {
    @TempDir
    Path folder;

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Makes a certificate of its own and writes it as PEM. */
    private void make(String name, String algorithm) throws Exception {
        var store = folder.resolve(name + algorithm + ".p12");
        Files.deleteIfExists(store);
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        var process = new ProcessBuilder(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + name,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "password")
                .inheritIO()
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var keys = KeyStore.getInstance(store.toFile(), "password".toCharArray());
        write("cert.pem", "CERTIFICATE", keys.getCertificate("a").getEncoded());
        write(
                "key.pem",
                "PRIVATE KEY",
                keys.getKey("a", "password".toCharArray()).getEncoded());
    }

    private void write(String file, String kind, byte[] bytes) throws IOException {
        var text = "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + kind + "-----\n";
        Files.writeString(folder.resolve(file), text);
    }

    private EchoServer server() {
        return new EchoServer(new HttpConfig("127.0.0.1", 0, EchoServer.BODY_LIMIT, Duration.ofSeconds(1))
                .withTls(new HttpConfig.Tls(folder.resolve("cert.pem"), folder.resolve("key.pem"))));
    }

    private static SSLSocket connect(EchoServer server) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        return (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.http.port());
    }

    /** The subject of the certificate with which the server answers. */
    private static String subject(EchoServer server) throws Exception {
        try (var socket = connect(server);
                var client = new RawClient(socket).send("GET /origin HTTP/1.1\r\nHost: a\r\n\r\n")) {
            assertThat(client.reply().text()).contains("\"url\":\"https://a\"");
            assertThat(client.kept()).isTrue();
            return socket.getSession().getPeerPrincipal().getName();
        }
    }

    @Test
    void a_new_certificate_is_used_as_soon_as_its_files_are_there() throws Exception {
        make("first", "RSA");
        try (var server = server()) {
            assertThat(subject(server)).isEqualTo("CN=first");
            var key = Files.readString(folder.resolve("key.pem"));

            make("second", "EC");
            await().atMost(Duration.ofSeconds(90)).until(() -> subject(server).equals("CN=second"));

            // Half of a change: the old pair stays in use.
            Files.writeString(folder.resolve("key.pem"), key);
            await().pollDelay(Duration.ofSeconds(3)).until(() -> subject(server).equals("CN=second"));
        }
    }

    @Test
    void files_that_do_not_fit_together_are_refused_at_the_start() throws Exception {
        make("first", "RSA");
        var key = Files.readString(folder.resolve("key.pem"));
        make("second", "RSA");
        Files.writeString(folder.resolve("key.pem"), key);

        assertThatThrownBy(this::server)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the key does not belong to the certificate");
    }
}
