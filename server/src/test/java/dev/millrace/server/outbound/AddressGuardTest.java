package dev.millrace.server.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.server.network.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private static final Pattern ESCAPE = Pattern.compile("\\\\u([0-9a-f]{4})");
    private static final Set<InetAddress> OWN = Set.of(
            InetAddress.ofLiteral("93.184.216.34"),
            InetAddress.ofLiteral("2606:2800:220:1::34"),
            InetAddress.ofLiteral("10.7.0.2"));
    private static final Map<String, List<String>> NAMES = Map.of(
            "localhost", List.of("127.0.0.1", "::1"),
            "api.example.com", List.of("8.8.8.8", "2606:4700::1111"),
            "crm.internal", List.of("10.7.0.9"),
            "deep.corp.example", List.of("192.168.3.4"),
            "link.internal", List.of("169.254.169.254"));

    private static final Reach INTERNET = Reach.internet(false);

    /** An address and what the DNS says of its host. */
    record Line(String url, List<String> answers) {
        static Line of(String text) {
            int equals = text.indexOf(" = ");
            var url = equals < 0 ? text : text.substring(0, equals);
            var answers = equals < 0
                    ? List.<String>of()
                    : List.of(text.substring(equals + 3).split(", "));
            var plain = url.replace("\\t", "\t")
                    .replace("\\n", "\n")
                    .replace("\\r", "\r")
                    .replace("\\\\", "\\");
            return new Line(
                    ESCAPE.matcher(plain).replaceAll(found -> Character.toString(Integer.parseInt(found.group(1), 16))),
                    answers);
        }
    }

    static Stream<Line> hostile() throws IOException {
        try (var file = AddressGuardTest.class.getResourceAsStream("/outbound/hostile-addresses.txt")) {
            assertThat(file).isNotNull();
            return new String(file.readAllBytes(), UTF_8)
                    .lines().filter(line -> !line.isEmpty() && !line.startsWith("#")).map(Line::of).toList().stream();
        }
    }

    private static AddressGuard guard(Reach reach, List<String> answers) {
        return new AddressGuard(reach, name -> look(name, answers), () -> OWN);
    }

    private static InetAddress[] look(String name, List<String> answers) throws UnknownHostException {
        var found = answers.isEmpty() ? NAMES.getOrDefault(name, List.of()) : answers;
        if (found.isEmpty()) {
            throw new UnknownHostException(name);
        }
        return found.stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
    }

    /** What a call goes through before it connects. */
    private static InetAddress[] pass(Reach reach, String url, List<String> answers) throws UnknownHostException {
        var guard = guard(reach, answers);
        var parsed = Url.parse(url);
        guard.check(parsed);
        return guard.resolve(parsed.bareHost());
    }

    private static @Nullable OutboundFailure refusal(Reach reach, String url) {
        return catchThrowableOfType(OutboundFailure.class, () -> pass(reach, url, List.of()));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void hostile_addresses_are_refused_before_anything_is_connected(Line line) {
        assertThatThrownBy(() -> pass(INTERNET, line.url(), line.answers()))
                .isInstanceOf(OutboundFailure.class)
                .extracting("kind")
                .isEqualTo(OutboundFailure.Kind.REFUSED);
    }

    @Test
    void the_table_of_hostile_addresses_is_long() throws Exception {
        assertThat(hostile().distinct().count()).isGreaterThan(300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://8.8.8.8",
                "http://172.32.0.1",
                "http://172.15.255.255",
                "http://11.0.0.1",
                "http://100.128.0.1",
                "http://169.253.1.1",
                "http://192.169.0.1",
                "http://198.20.0.1",
                "http://223.255.255.255",
                "https://[2606:4700::1111]",
                "https://[64:ff9b::8.8.8.8]",
                "https://[2002:808:808::1]",
                "http://api.example.com",
                "http://API.example.com.:8080",
                "http://127.0.0.1@api.example.com",
                "http://api.example.com/?u=http://127.0.0.1",
                "http://api.example.com\\@127.0.0.1",
            })
    void the_internet_is_open(String url) {
        assertThatCode(() -> pass(INTERNET, url, List.of())).doesNotThrowAnyException();
    }

    @Test
    void the_addresses_that_were_checked_are_those_that_are_connected_to() throws Exception {
        assertThat(pass(INTERNET, "https://api.example.com", List.of()))
                .extracting(InetAddress::getHostAddress)
                .containsExactly("8.8.8.8", "2606:4700:0:0:0:0:0:1111");
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1,--allow-loopback",
        "http://localhost,--allow-loopback",
        "http://[::1],--allow-loopback",
        "http://[::ffff:127.0.0.1],--allow-loopback",
        "http://10.1.2.3,--allow-network 10.0.0.0/8",
        "http://crm.internal,--allow-network 10.0.0.0/8",
        "http://169.254.169.254,--allow-network 169.254.169.254/32",
        "http://93.184.216.34,--allow-network 93.184.216.34",
        "http://[2606:2800:220:1::34],--allow-network 2606:2800:220:1::34",
        "http://[fd00::1],--allow-network fc00::/7",
        "http://[64:ff9b::10.0.0.1],--allow-network 64:ff9b::a00:1/128",
        "http://0.0.0.0,--allow-network 0.0.0.0/8",
    })
    void the_refusal_names_the_flag_that_helps(String url, String flag) {
        var refusal = refusal(INTERNET, url);

        assertThat(refusal).isNotNull().hasMessageContaining(" with " + flag + " to allow");
        var words = flag.split(" ", -1);
        var helped = words.length == 1
                ? INTERNET.withLoopback()
                : new Reach(List.of(Network.parse(words[1])), List.of(), List.of());
        assertThat(refusal(helped, url)).as("with " + flag).isNull();
    }

    @Test
    void a_metadata_service_opens_by_its_name_alone() {
        assertThat(refusal(INTERNET, "http://metadata.google.internal"))
                .hasMessageContaining("--allow-host metadata.google.internal");
        var named = new Reach(List.of(), List.of(), List.of("metadata.google.internal"));
        assertThatThrownBy(() -> pass(named, "http://metadata.google.internal", List.of("169.254.169.254")))
                .hasMessageContaining("--allow-network 169.254.169.254/32");
    }

    @Test
    void loopback_alone_opens_on_request() {
        var reach = Reach.internet(true);

        for (var open : List.of("http://localhost:1", "http://[::1]:1", "http://127.9.9.9", "http://x.localhost")) {
            assertThatCode(() -> pass(reach, open, open.contains("x.") ? List.of("127.0.0.1") : List.of()))
                    .doesNotThrowAnyException();
        }
        for (var closed : List.of("http://10.0.0.1", "http://0.0.0.0", "http://10.7.0.2", "http://[64:ff9b::7f00:1]")) {
            assertThat(refusal(reach, closed)).as(closed).isNotNull();
            assertThat(refusal(reach, closed)).message().doesNotContain("--allow-loopback");
        }
    }

    @Test
    void named_hosts_open_wherever_they_lead() {
        var reach = new Reach(List.of(), List.of(), List.of("CRM.internal", ".corp.example", "link.internal"));

        assertThat(refusal(reach, "http://crm.internal")).isNull();
        assertThat(refusal(reach, "http://deep.corp.example")).isNull();
        assertThat(refusal(reach, "http://10.7.0.9")).isNotNull();
        assertThat(refusal(reach, "http://link.internal")).hasMessageContaining("--allow-network 169.254.169.254/32");
    }

    @Test
    void denied_networks_stay_closed_whatever_is_allowed() {
        var reach = new Reach(
                List.of(Network.parse("10.0.0.0/8")),
                Arrays.asList(Network.parse("10.7.0.0/24"), Network.parse("8.8.0.0/16")),
                List.of("crm.internal"));

        assertThat(refusal(reach, "http://10.8.0.1")).isNull();
        for (var closed :
                List.of("http://10.7.0.1", "http://crm.internal", "http://8.8.8.8", "http://api.example.com")) {
            assertThat(refusal(reach, closed)).as(closed).hasMessageContaining("--deny-network");
        }
        assertThat(refusal(reach, "http://[64:ff9b::8.8.8.8]")).hasMessageContaining("--deny-network 8.8.0.0/16");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.255.0.1,true",
        "10.0.0.0/8,11.0.0.1,false",
        "192.168.4.0/22,192.168.7.255,true",
        "192.168.4.0/22,192.168.8.0,false",
        "0.0.0.0/0,1.2.3.4,true",
        "0.0.0.0/0,2606::1,false",
        "8.8.8.8,8.8.8.8,true",
        "fd00::/8,fdff::1,true",
        "::/0,2606::1,true",
        "2001:db8::/33,2001:db8:8000::,false",
    })
    void a_network_holds_its_addresses(String network, String address, boolean holds) {
        assertThat(Network.parse(network).contains(InetAddress.ofLiteral(address)))
                .isEqualTo(holds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0.1/8", "localhost", "::/129", "fe80::1%lo"
            })
    void an_invalid_network_is_reported(String text) {
        assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
