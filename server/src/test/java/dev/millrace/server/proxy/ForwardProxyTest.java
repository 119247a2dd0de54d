package dev.millrace.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundConfig;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls through HTTPS_PROXY. */
@Tag("slow")
@Timeout(300)
class ForwardProxyTest {
    private final Target target = Samples.of(Samples.builtIn("unauthenticated"), "{}");
    private RawProvider forward;
    private RawProvider provider;
    private Outbound outbound;

    @BeforeEach
    void start() throws IOException {
        forward = new RawProvider();
        provider = new RawProvider();
        outbound = through(List.of("direct.invalid", "10.0.0.0/8"));
    }

    private Outbound through(List<String> exceptions) {
        var url = URI.create(forward.url().replace("http://", "http://me:p%40ss@"));
        return new Outbound(OutboundConfig.direct(true).withProxy(url, exceptions));
    }

    @AfterEach
    void stop() throws IOException {
        outbound.close();
        forward.close();
        provider.close();
    }

    private OutboundAnswer send(String url) throws InterruptedException {
        return new Proxy(outbound, Clock.systemUTC(), new Random(1), _ -> {})
                .send(Call.to("GET", "").baseUrlOverride(url).build(), () -> target, Observer.NONE);
    }

    @Test
    void a_plain_call_names_the_whole_address_and_the_user_of_the_proxy() throws Exception {
        send("http://api.invalid:81/a|b?c[]={d}").close();

        assertThat(forward.requests.getFirst())
                .startsWith("GET http://api.invalid:81/a|b?c[]={d} HTTP/1.1\r\nHost: api.invalid:81\r\n")
                .contains("Proxy-Authorization: Basic bWU6cEBzcw==\r\n");
    }

    @Test
    void a_secure_call_asks_for_a_tunnel_and_tells_when_there_is_none() {
        forward.answers("HTTP/1.1 407 Who\r\nContent-Length: 6\r\n\r\nsecret");

        assertThatThrownBy(() -> send("https://api.invalid/a?b"))
                .hasMessageEndingWith("answered 407 when asked for a connection to api.invalid:443")
                .hasMessageNotContainingAny("secret", "p@ss")
                .extracting("code")
                .isEqualTo("ERR_PROXY_CONNECT");
        assertThat(forward.requests.getFirst())
                .startsWith("CONNECT api.invalid:443 HTTP/1.1\r\nHost: api.invalid:443\r\n")
                .contains("Proxy-Authorization: Basic bWU6cEBzcw==\r\n")
                .doesNotContain("/a?b");
    }

    @Test
    void this_machine_and_the_exceptions_are_called_without_it() throws Exception {
        send(provider.url()).close();
        assertThatThrownBy(() -> send("http://direct.invalid"))
                .extracting("code")
                .isEqualTo("ENOTFOUND");
        assertThatThrownBy(() -> send("http://sub.direct.invalid"))
                .extracting("code")
                .isEqualTo("ENOTFOUND");

        assertThat(provider.requests).singleElement().asString().doesNotContain("Proxy-Authorization");
        assertThat(forward.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://192.168.0.1",
                "https://172.16.0.1",
                "http://169.254.169.254/latest",
                "http://[fd00::1]",
                "http://metadata.google.internal",
            })
    void the_guard_holds_before_the_proxy_is_asked(String url) {
        assertThatThrownBy(() -> send(url)).extracting("code").isEqualTo("base_url_override_not_allowed");
        assertThat(forward.requests).isEmpty();
        assertThat(forward.connections()).isZero();
    }
}
