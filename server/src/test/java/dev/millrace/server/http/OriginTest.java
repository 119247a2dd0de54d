package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.network.Network;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose word counts on where a request came from. */
class OriginTest {
    private static EchoServer trusting(String... networks) {
        return new EchoServer(new HttpConfig("127.0.0.1", 0, EchoServer.BODY_LIMIT, Duration.ofSeconds(1))
                .withTrustedProxies(Stream.of(networks).map(Network::parse).toList()));
    }

    private static String ask(EchoServer server, String... headers) throws IOException {
        var request = "GET /origin HTTP/1.1\r\nHost: inner:3003\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
        try (var client = server.connect().send(request.replace("\r\n\r\n\r\n", "\r\n\r\n"))) {
            return client.reply().text();
        }
    }

    private static String origin(String client, String url) {
        return "\"client\":\"" + client + "\",\"url\":\"" + url + "\"";
    }

    @Test
    void forwarded_headers_of_untrusted_peers_are_ignored() throws IOException {
        try (var server = trusting("10.0.0.0/8")) {
            var told = ask(
                    server,
                    "X-Forwarded-For: 203.0.113.7",
                    "X-Forwarded-Proto: https",
                    "X-Forwarded-Host: api.example",
                    "X-Real-IP: 203.0.113.7",
                    "Forwarded: for=203.0.113.7;proto=https");

            assertThat(told).contains(origin("127.0.0.1", "http://inner:3003")).doesNotContain("forwarded", "x-real");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            X-Forwarded-For: 203.0.113.7                               | 203.0.113.7 | http://inner:3003
            X-Forwarded-For: 198.51.100.1, 203.0.113.7                 | 203.0.113.7 | http://inner:3003
            X-Forwarded-For: 203.0.113.7, 10.1.2.3                     | 203.0.113.7 | http://inner:3003
            X-Forwarded-For: 10.9.9.9, 10.1.2.3                        | 10.9.9.9    | http://inner:3003
            X-Forwarded-For: 203.0.113.7:4711                          | 203.0.113.7 | http://inner:3003
            X-Forwarded-For: [2001:db8::1]:80                          | 2001:db8:0:0:0:0:0:1 | http://inner:3003
            X-Forwarded-For: nonsense                                  | 127.0.0.1   | http://inner:3003
            X-Forwarded-Proto: https                                   | 127.0.0.1   | https://inner:3003
            X-Forwarded-Proto: ftp                                     | 127.0.0.1   | http://inner:3003
            X-Forwarded-Host: Api.example:8443                         | 127.0.0.1   | http://api.example:8443
            X-Forwarded-Host: a b                                      | 127.0.0.1   | http://inner:3003
            Forwarded: for=203.0.113.7;proto=https;host=api.example    | 203.0.113.7 | https://api.example
            Forwarded: for=198.51.100.1, for="203.0.113.7:80";Proto=HTTPS | 203.0.113.7 | HTTPS://inner:3003
            Forwarded: For="[2001:db8::1]:4711"                        | 2001:db8:0:0:0:0:0:1 | http://inner:3003
            Forwarded: for=_hidden                                     | 127.0.0.1   | http://inner:3003
            """)
    void forwarded_headers_of_a_trusted_proxy_are_used(String header, String client, String url) throws IOException {
        try (var server = trusting("127.0.0.1", "10.0.0.0/8")) {
            assertThat(ask(server, header)).containsIgnoringCase(origin(client, url));
        }
    }

    @Test
    void networks() {
        for (var inside : List.of("10.1.0.0", "10.1.255.255")) {
            assertThat(Network.parse("10.1.0.0/16").contains(java.net.InetAddress.ofLiteral(inside)))
                    .isTrue();
        }
        assertThat(Network.parse("10.1.2.0/23").contains(java.net.InetAddress.ofLiteral("10.1.3.9")))
                .isTrue();
        assertThat(Network.parse("10.1.2.0/23").contains(java.net.InetAddress.ofLiteral("10.1.4.0")))
                .isFalse();
        assertThat(Network.parse("::/0").contains(java.net.InetAddress.ofLiteral("10.1.4.0")))
                .isFalse();
        assertThat(Network.parse("2001:db8::/32").contains(java.net.InetAddress.ofLiteral("2001:db8::5")))
                .isTrue();
    }
}
