package dev.millrace.server.proxy;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private final AddressGuard strict = new AddressGuard(false);
    private final AddressGuard lenient = new AddressGuard(true);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1",
                "http://127.9.9.9:80/x",
                "http://[::1]/",
                "http://localhost",
                "http://LOCALHOST.:90",
                "http://2130706433",
                "http://0.0.0.0",
                "http://[::]",
                "http://[::ffff:127.0.0.1]",
            })
    void this_machine_is_closed(String url) {
        assertThatThrownBy(() -> strict.checkResolved(URI.create(url)))
                .isInstanceOf(ProxyFailure.class)
                .extracting("code")
                .isEqualTo("base_url_override_not_allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://10.1.2.3",
                "http://172.31.0.1",
                "http://192.168.0.1",
                "http://100.64.0.1",
                "http://169.254.169.254/latest",
                "http://0.0.0.0",
                "http://[fe80::1]",
                "http://[fd00::1]",
                "http://[::ffff:10.0.0.1]",
                "http://[::10.0.0.1]",
                "http://[64:ff9b::a00:1]",
                "http://[64:ff9b:1::1]",
                "http://[2002:a00:1::]",
                "http://[2002:7f00:1::]",
                "http://[2001:0:1::1]",
                "http://metadata.google.internal",
                "ftp://example.com",
            })
    void private_networks_stay_closed_even_when_loopback_is_allowed(String url) {
        assertThatThrownBy(() -> lenient.checkLiteral(URI.create(url)))
                .isInstanceOf(ProxyFailure.class)
                .extracting("code")
                .isEqualTo("base_url_override_not_allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://8.8.8.8", "http://172.32.0.1", "https://[2606:4700::1111]", "http://api.example.com"})
    void the_internet_is_open(String url) {
        assertThatCode(() -> strict.checkLiteral(URI.create(url))).doesNotThrowAnyException();
    }

    @Test
    void loopback_opens_on_request() {
        assertThatCode(() -> lenient.checkResolved(URI.create("http://localhost:1")))
                .doesNotThrowAnyException();
        assertThatCode(() -> lenient.checkResolved(URI.create("http://[::1]:1")))
                .doesNotThrowAnyException();
    }
}
