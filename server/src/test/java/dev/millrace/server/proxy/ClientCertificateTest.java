package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.millrace.server.credential.ClientCredentials;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContext;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.outbound.OutboundFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls to a provider that wants to see a certificate. */
class ClientCertificateTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    private Path folder;

    /** A key and a certificate that it has signed itself, by the JDK's own tool. */
    private KeyStore pair(String name) throws Exception {
        var file = folder.resolve(name + ".p12");
        var tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        var process = new ProcessBuilder(
                        tool.toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:localhost",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "secret")
                .redirectErrorStream(true)
                .start();
        var output = process.inputReader().readAllAsString();
        assertThat(process.waitFor()).as(output).isZero();
        return KeyStore.getInstance(file.toFile(), PASSWORD);
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + kind
                + "-----\n";
    }

    private static String certificate(KeyStore pair, String name) throws GeneralSecurityException {
        return pem("CERTIFICATE", pair.getCertificate(name).getEncoded());
    }

    private static HttpsServer start(KeyStore own, KeyStore welcome) throws GeneralSecurityException, IOException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD);
        trusted.setCertificateEntry("client", welcome.getCertificate("client"));
        trust.init(trusted);
        var tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.createContext("/", exchange -> {
            var who = ((HttpsExchange) exchange)
                    .getSSLSession()
                    .getPeerPrincipal()
                    .getName();
            var answer =
                    exchange.getRequestURI().getPath().equals("/token") ? "{\"access_token\":\"" + who + "\"}" : who;
            exchange.sendResponseHeaders(200, answer.length());
            try (var out = exchange.getResponseBody()) {
                out.write(answer.getBytes(UTF_8));
            }
        });
        server.start();
        return server;
    }

    private static Target target(String url, String certificate, String key) {
        var provider = Samples.provider("""
                test:
                    display_name: Test
                    auth_mode: OAUTH2_CC
                    token_url: https://api.example/token
                    require_client_certificate: true
                    proxy: {base_url: '%s'}
                """.formatted(url));
        return Samples.of(
                provider,
                Json.text(Json.object()
                        .put("type", "OAUTH2_CC")
                        .put("token", "t")
                        .put("client_certificate", certificate)
                        .put("client_private_key", key)));
    }

    private static ClientCredentials client(Optional<String> certificate, String key) {
        return ClientCredentials.client("id", "secret", certificate, Optional.of(key));
    }

    private static TokenContext context(String url) {
        var provider = Samples.provider("""
                test:
                    display_name: Test
                    auth_mode: OAUTH2_CC
                    token_url: %s/token
                    require_client_certificate: true
                """.formatted(url));
        var integration = new Integration(
                1,
                1,
                "test",
                "test",
                Optional.empty(),
                true,
                Optional.empty(),
                Json.object(),
                List.of(),
                Instant.EPOCH,
                Instant.EPOCH);
        return new TokenContext(provider, integration, Json.object());
    }

    @Test
    void a_connection_shows_its_certificate() throws Exception {
        var server = pair("server");
        var client = pair("client");
        var authorities = Files.writeString(folder.resolve("ca.pem"), certificate(server, "server"));
        var config = OutboundConfig.direct(true).withExtraCaCerts(authorities);
        var key = pem("PRIVATE KEY", client.getKey("client", PASSWORD).getEncoded());
        var https = start(server, client);
        var url = "https://localhost:" + https.getAddress().getPort();
        try (var outbound = new Outbound(config)) {
            var proxy = new Proxy(outbound, Clock.systemUTC(), new Random(1), _ -> {});
            var call = Call.to("GET", "/me").build();
            var known = target(url, certificate(client, "client"), key);

            try (var answer = proxy.send(call, () -> known, Observer.NONE)) {
                assertThat(answer.body().readAllBytes()).asString(UTF_8).isEqualTo("CN=client");
            }
            assertThatThrownBy(() -> proxy.send(call, () -> target(url, "", ""), Observer.NONE))
                    .isInstanceOf(OutboundFailure.class);

            var tokens = new TokenCalls(outbound, Clock.systemUTC(), new Random(1));
            assertThat(tokens.renew(context(url), client(Optional.of(certificate(client, "client")), key))
                            .token())
                    .contains("CN=client");
            assertThatThrownBy(() -> tokens.renew(context(url), client(Optional.empty(), key)))
                    .isInstanceOf(TokenFailure.class);
        } finally {
            https.stop(0);
        }
    }
}
