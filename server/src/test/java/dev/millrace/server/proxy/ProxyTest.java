package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.provider.RetryRules;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ProxyTest {
    private final FakeProvider api = new FakeProvider();
    private final FakeProvider other = new FakeProvider();
    private final Outbound outbound = new Outbound(OutboundConfig.direct(true));
    private final List<Duration> waits = new ArrayList<>();
    private final List<Observer.Attempt> attempts = new ArrayList<>();
    private final Proxy proxy = new Proxy(outbound, Clock.systemUTC(), new Random(1), waits::add);
    private final Target bearer =
            Samples.of(Samples.provider("""
                    test:
                        display_name: Test
                        auth_mode: API_KEY
                        credentials:
                            apiKey: {type: string, title: Key, description: Key}
                        proxy:
                            base_url: %s
                            headers: {x-api-key: '${apiKey}', x-coded: '${base64(${apiKey}:)}', x-version: '2'}
                            retry: {after: x-wait, remaining: x-left}
                    """.formatted(api.url())), "{\"type\":\"API_KEY\",\"apiKey\":\"secret-key\"}");

    @AfterEach
    void stop() {
        outbound.close();
        api.close();
        other.close();
    }

    private OutboundAnswer send(Call.Builder call) throws InterruptedException {
        return proxy.send(call.build(), () -> bearer, attempts::add);
    }

    private static String text(OutboundAnswer answer) throws IOException {
        try (var in = answer.body()) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static JsonNode json(OutboundAnswer answer) throws IOException {
        return Json.parse(text(answer));
    }

    @Test
    void a_delete_without_a_body_carries_neither_type_nor_length() throws Exception {
        var told = json(send(Call.to("DELETE", "/x")));

        assertThat(told.get("headers").propertyNames()).doesNotContain("content-type", "content-length");
        assertThat(told.at("/headers/x-api-key").stringValue()).isEqualTo("secret-key");
    }

    @Test
    void a_failing_status_is_tried_again_after_growing_waits() throws Exception {
        var answer = send(Call.to("GET", "/status/500").retries(2).retryHeader(RetryRules.NONE));

        assertThat(answer.status()).isEqualTo(500);
        assertThat(text(answer)).isEqualTo("status 500");
        assertThat(api.calls).hasValue(3);
        assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1));
        assertThat(attempts).extracting(Observer.Attempt::number).containsExactly(0, 1, 2);
        assertThat(attempts.getLast().next()).isEmpty();
    }

    @Test
    void other_statuses_are_tried_again_when_named_or_when_nothing_remains() throws Exception {
        assertThat(send(Call.to("GET", "/status/418").retries(1)).status()).isEqualTo(418);
        assertThat(waits).isEmpty();

        send(Call.to("GET", "/status/418").retries(1).retryOn(List.of(418))).close();
        assertThat(waits).hasSize(1);

        send(Call.to("GET", "/rate/0").retries(1)).close();
        send(Call.to("GET", "/rate/1").retries(1)).close();
        assertThat(waits).hasSize(2).last().isEqualTo(Duration.ofMillis(2500));
    }

    @Test
    void a_second_refusal_of_the_same_credentials_ends_the_attempts_of_who_reads_them_anew() throws Exception {
        send(Call.to("GET", "/status/401").retries(4)).close();
        assertThat(api.calls.getAndSet(0)).isEqualTo(5);

        send(Call.to("GET", "/status/401").retries(4).endsWhenRefusedTwice(true))
                .close();
        assertThat(api.calls.getAndSet(0)).isEqualTo(2);

        var keys = new ArrayDeque<>(List.of("first", "second", "second", "never"));
        proxy.send(
                        Call.to("GET", "/status/401")
                                .retries(4)
                                .endsWhenRefusedTwice(true)
                                .build(),
                        () -> Samples.of(bearer.provider(), "{\"type\":\"API_KEY\",\"apiKey\":\"" + keys.pop() + "\"}"),
                        Observer.NONE)
                .close();
        assertThat(keys).containsExactly("never");
    }

    @Test
    void a_wait_beyond_the_callers_patience_ends_the_attempts() throws Exception {
        var answer = send(Call.to("GET", "/rate/0").retries(1).longestPause(Duration.ofSeconds(2)));

        assertThat(text(answer)).isEqualTo("no");
        assertThat(waits).isEmpty();
    }

    @Test
    void a_wait_may_be_told_in_the_body() throws Exception {
        var rules = RetryRules.of(
                Samples.json("{\"in_body\":{\"path\":\"e\",\"strategy\":\"after\",\"value\":\"/wait (\\\\d+)/\"}}"));

        send(Call.to("GET", "/in-body").retries(1).retryHeader(rules)).close();

        assertThat(waits).containsExactly(Duration.ofSeconds(7));
    }

    @Test
    void a_refused_connection_is_tried_again_and_then_told() {
        var call = Call.to("GET", "/x").retries(1).baseUrlOverride("http://localhost:1");

        assertThatThrownBy(() -> send(call))
                .hasMessage("connect ECONNREFUSED localhost:1")
                .extracting("code")
                .isEqualTo("ECONNREFUSED");

        assertThat(waits)
                .singleElement()
                .satisfies(wait -> assertThat(wait).isBetween(Duration.ofSeconds(3), Duration.ofMillis(3300)));
    }

    @Test
    void an_unknown_host_is_not_tried_again() {
        var call = Call.to("GET", "/x").retries(1).baseUrlOverride("http://nowhere.invalid");

        assertThatThrownBy(() -> send(call))
                .hasMessage("getaddrinfo ENOTFOUND nowhere.invalid")
                .extracting("code")
                .isEqualTo("ENOTFOUND");
        assertThat(waits).isEmpty();
    }

    @Test
    void further_errors_of_the_network_are_tried_again_when_the_settings_say_so() {
        var config = OutboundConfig.direct(true).withRetryableErrors(Set.of("ENOTFOUND"));
        try (var patient = new Outbound(config)) {
            var call = Call.to("GET", "/x").retries(1).baseUrlOverride("http://nowhere.invalid");

            var insistent = new Proxy(patient, Clock.systemUTC(), new Random(1), waits::add);
            assertThatThrownBy(() -> insistent.send(call.build(), () -> bearer, attempts::add))
                    .extracting("code")
                    .isEqualTo("ENOTFOUND");
        }
        assertThat(attempts).hasSize(2);
        assertThat(waits).hasSize(1);
    }

    @Test
    void a_status_has_the_words_that_the_provider_gave_it() throws Exception {
        try (var answer = send(Call.to("GET", "/status/422"))) {
            assertThat(answer.reason()).isEqualTo("Unprocessable Entity");
        }
    }

    @Test
    void redirects_are_followed_and_keep_credentials_on_the_same_host_only() throws Exception {
        var headers = Map.of("authorization", "mine", "x-plain", "1");
        var here = json(send(Call.to("GET", "/redirect/302").headers(headers)));
        var there = json(
                send(Call.to("GET", "/redirect/307?to=" + other.url() + "/x").headers(headers)));
        var forwarded = json(send(Call.to("GET", "/redirect/307?to=" + other.url() + "/x")
                .headers(headers)
                .forwardHeadersOnRedirect(true)));

        assertThat(here.get("url").stringValue()).isEqualTo("/landed");
        assertThat(here.get("headers").propertyNames()).contains("x-api-key", "authorization");
        assertThat(there.get("headers").propertyNames())
                .contains("x-plain", "x-version")
                .doesNotContain("x-api-key", "x-coded", "authorization");
        assertThat(forwarded.get("headers").propertyNames()).contains("x-api-key", "authorization");
    }

    @Test
    void a_redirect_after_post_becomes_a_get_unless_the_status_forbids_it() throws Exception {
        var body = new Body.JsonText("{\"a\":1}".getBytes(UTF_8));

        var found = json(send(Call.to("POST", "/redirect/302").body(body)));
        var same = json(send(Call.to("POST", "/redirect/308").body(body)));

        assertThat(found.get("method").stringValue()).isEqualTo("GET");
        assertThat(found.get("headers").propertyNames()).doesNotContain("content-type");
        assertThat(same.get("method").stringValue()).isEqualTo("POST");
        assertThat(same.get("body").stringValue()).isEqualTo("{\"a\":1}");
    }

    @Test
    void a_body_follows_to_another_host_without_what_was_laid_into_it() throws Exception {
        var target = Samples.of(
                Samples.provider("""
                    test:
                        display_name: Test
                        auth_mode: API_KEY
                        credentials:
                            apiKey: {type: string, title: Key, description: Key}
                        proxy:
                            base_url: %s
                            body: {login: {key: '${apiKey}'}}
                    """.formatted(api.url())), "{\"type\":\"API_KEY\",\"apiKey\":\"secret-key\"}");
        var own = new Body.JsonText("{\"a\":1}".getBytes(UTF_8));
        var away = "/redirect/307?to=" + other.url() + "/x";

        var here = json(proxy.send(Call.to("POST", "/redirect/307").body(own).build(), () -> target, attempts::add));
        var there = json(proxy.send(Call.to("POST", away).body(own).build(), () -> target, attempts::add));
        var empty = json(proxy.send(Call.to("POST", away).build(), () -> target, attempts::add));
        var forwarded = json(proxy.send(
                Call.to("POST", away).body(own).forwardHeadersOnRedirect(true).build(), () -> target, attempts::add));

        assertThat(here.get("body").stringValue()).isEqualTo("{\"a\":1,\"login\":{\"key\":\"secret-key\"}}");
        assertThat(there.get("method").stringValue()).isEqualTo("POST");
        assertThat(there.get("body").stringValue()).isEqualTo("{\"a\":1}");
        assertThat(empty.get("body").stringValue()).isEmpty();
        assertThat(empty.get("headers").propertyNames()).doesNotContain("content-type");
        assertThat(forwarded.get("body").stringValue()).contains("secret-key");

        var told = new Body.JsonText("{\"token\":\"secret-key\"}".getBytes(UTF_8));
        var call = Call.to("POST", away).body(told).build();
        assertThatThrownBy(() -> proxy.send(call, () -> target, attempts::add))
                .hasMessageContaining("with a body that holds credentials")
                .extracting("code")
                .isEqualTo("proxy_redirect_to_denied_host");
    }

    @Test
    void short_credentials_reach_no_other_host_in_headers_or_bodies() throws Exception {
        var target = Samples.of(Samples.builtIn("unauthenticated"), "{\"type\":\"API_KEY\",\"apiKey\":\"k-12\"}");
        var away = Call.to("POST", "/redirect/307?to=" + other.url() + "/x").baseUrlOverride(api.url());

        var there = json(proxy.send(away.headers(Map.of("x-own", "k-12")).build(), () -> target, attempts::add));
        var telling = away.body(new Body.JsonText("{\"k\":\"k-12\"}".getBytes(UTF_8)));

        assertThat(there.get("headers").propertyNames()).doesNotContain("x-own");
        assertThatThrownBy(() -> proxy.send(telling.build(), () -> target, attempts::add))
                .hasMessageContaining("with a body that holds credentials");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x?key=secret-key/%2B",
                "/secret-key/+",
                "/x?key=secret-key%2f%2b",
                "/x?h=c2VjcmV0LWtleS8r",
                "/x?key=%73ecret-key/%2B"
            })
    void a_redirect_does_not_carry_credentials_to_another_host_in_its_address(String path) {
        var target =
                Samples.of(Samples.builtIn("unauthenticated"), "{\"type\":\"API_KEY\",\"apiKey\":\"secret-key/+\"}");
        var call = Call.to("GET", "/redirect/302?to=" + URLEncoder.encode(other.url() + path, UTF_8))
                .baseUrlOverride(api.url())
                .build();

        assertThatThrownBy(() -> proxy.send(call, () -> target, attempts::add))
                .hasMessageStartingWith("Redirected to " + other.url() + " with an address that holds credentials")
                .extracting("code")
                .isEqualTo("proxy_redirect_to_denied_host");
        assertThat(other.calls).hasValue(0);
    }

    @Test
    void a_redirect_to_a_private_address_or_in_circles_ends() {
        assertThatThrownBy(() -> send(Call.to("GET", "/redirect/302?to=http://10.0.0.1/")))
                .extracting("code")
                .isEqualTo("proxy_redirect_to_denied_host");
        assertThatThrownBy(() -> send(Call.to("GET", "/loop")))
                .extracting("code")
                .isEqualTo("ERR_FR_TOO_MANY_REDIRECTS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "compress", "deflate"})
    void a_compressed_body_arrives_in_the_clear(String encoding) throws Exception {
        var answer = send(Call.to("GET", "/compressed/" + encoding));

        assertThat(answer.headers()).doesNotContainKeys("content-encoding", "content-length");
        assertThat(text(answer)).isEqualTo("in the clear");
    }

    @Test
    void links_are_followed_within_the_providers_own_hosts() throws Exception {
        var here = json(send(Call.to("GET", api.url() + "/next?page=2").followsLink(true)));
        var relative = json(send(Call.to("GET", "/next?page=3").followsLink(true)));

        assertThat(here.get("url").stringValue()).isEqualTo("/next?page=2");
        assertThat(here.at("/headers/x-api-key").stringValue()).isEqualTo("secret-key");
        assertThat(relative.get("url").stringValue()).isEqualTo("/next?page=3");
        assertThatThrownBy(
                        () -> send(Call.to("GET", "http://other.example/next").followsLink(true)))
                .hasMessageContaining("leads to http://other.example,")
                .extracting("code")
                .isEqualTo("base_url_override_not_allowed");
        assertThatThrownBy(() -> send(Call.to("GET", other.url() + "/next").followsLink(true)))
                .hasMessageContaining("leads to " + other.url() + ",")
                .extracting("code")
                .isEqualTo("base_url_override_not_allowed");
        assertThat(other.calls).hasValue(0);
    }

    @Test
    void a_provider_that_does_not_answer_in_time_is_given_up() {
        var call = Call.to("GET", "/never").timeout(Duration.ofMillis(300));

        assertThatThrownBy(() -> send(call)).extracting("kind").isEqualTo(OutboundFailure.Kind.TIMEOUT);
    }

    @Test
    void an_observer_may_ask_for_the_beginning_of_a_failed_answer() throws Exception {
        var wanting = new Observer() {
            @Override
            public void attempted(Attempt attempt) {
                attempts.add(attempt);
            }

            @Override
            public boolean wantsErrors() {
                return true;
            }
        };

        var answer = proxy.send(Call.to("GET", "/refusal").build(), () -> bearer, wanting);
        var good = proxy.send(Call.to("GET", "/x").build(), () -> bearer, wanting);
        send(Call.to("GET", "/refusal")).close();

        assertThat(json(answer).path("long").stringValue())
                .as("the body is whole")
                .hasSize(20_000);
        assertThat(json(good).path("method").stringValue()).isEqualTo("GET");
        assertThat(attempts.getFirst().answerBody())
                .startsWith("{\"wrong\":\"REDACTED\",\"long\":\"xxx")
                .hasSize(2049);
        assertThat(attempts.subList(1, 3))
                .extracting(Observer.Attempt::answerBody)
                .containsExactly("", "");
    }

    @Test
    void credentials_do_not_show_to_the_observer() throws Exception {
        send(Call.to("GET", "/x?key=secret-key&a=1")).close();

        assertThat(attempts).singleElement().satisfies(attempt -> {
            assertThat(attempt.url()).isEqualTo(api.url() + "/x?key=REDACTED&a=1");
            assertThat(attempt.status()).hasValue(200);
        });
    }

    @Test
    void this_machine_is_out_of_reach_unless_allowed() {
        try (var strict = new Outbound(OutboundConfig.direct(false))) {
            var guarded = new Proxy(strict, Clock.systemUTC(), new Random(1), waits::add);

            assertThatThrownBy(() -> guarded.send(Call.to("GET", "/x").build(), () -> bearer, Observer.NONE))
                    .extracting("code")
                    .isEqualTo("base_url_override_not_allowed");
        }
        assertThat(api.calls).hasValue(0);
    }
}
