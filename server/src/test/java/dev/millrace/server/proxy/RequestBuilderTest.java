package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.ClientCertificate;
import dev.millrace.server.outbound.Outgoing;
import dev.millrace.server.provider.Provider;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.StringNode;

class RequestBuilderTest {
    private static final Provider PROVIDER = Samples.provider("""
            test:
                display_name: Test
                auth_mode: API_KEY
                credentials:
                    apiKey: {type: string, title: Key, description: Key}
                connection_config:
                    site: {type: string, title: Site, description: Site, optional: true}
                proxy:
                    base_url: https://${connectionConfig.site}.example/api || https://api.example/v1/
                    headers:
                        authorization: Token ${apiKey}
                        x-site: ${connectionConfig.site}
                        x-nothing: ${credentials.nothing}
                        user-agent: fixed
                    query:
                        version: '2'
                        site: ${connectionConfig.site}
                    body:
                        auth:
                            key: ${credentials.apiKey}
            """);
    private static final Target TARGET = Samples.of(PROVIDER, "{\"type\":\"API_KEY\",\"apiKey\":\"secret\"}");

    private static byte[] bytes(Outgoing request) throws IOException {
        return request.body().open().readAllBytes();
    }

    private static Outgoing build(Call.Builder call) {
        return RequestBuilder.build(call.build(), TARGET, () -> Instant.EPOCH);
    }

    @ParameterizedTest
    @CsvSource({
        "/things,https://api.example/v1/things?version=2",
        "things?a=1&version=1&b=a+b,https://api.example/v1/things?a=1&version=2&b=a+b",
        "//things,https://api.example/v1/things?version=2",
        "'',https://api.example/v1?version=2",
        "?a=[1],https://api.example/v1?a=[1]&version=2",
        "https://api.example/v1/x,https://api.example/v1/x?version=2",
        "/a%2Fb/c d|e/é,https://api.example/v1/a%2Fb/c%20d|e/%C3%A9?version=2",
        "/t?k=${apiKey},https://api.example/v1/t?k=${apiKey}&version=2",
    })
    void makes_the_url(String endpoint, String expected) {
        assertThat(build(Call.to("GET", endpoint)).uri()).hasToString(expected);
    }

    @Test
    void params_are_set_or_appended() {
        var params = Samples.json("{\"ids\":[1,2],\"q\":\"a b\",\"none\":null}");

        assertThat(build(Call.to("GET", "/x?q=1").params(params)).uri().query()).isEqualTo("q=a+b&ids=1%2C2&version=2");
        assertThat(build(Call.to("GET", "/x").params(StringNode.valueOf("?z=1")))
                        .uri()
                        .query())
                .isEqualTo("z=1&version=2");
        assertThatThrownBy(() -> build(Call.to("GET", "/x?q=1").params(StringNode.valueOf("z=1"))))
                .extracting("code")
                .isEqualTo("invalid_query_params");
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example/v1/x?page=2,https://api.example/v1/x?page=2&version=2",
        "http://api.example/v1/x?page=2,https://api.example/v1/x?page=2&version=2",
        "https://api.example:443/x,https://api.example/x?version=2",
    })
    void a_link_leads_to_the_provider_and_never_over_a_lesser_connection(String link, String expected) {
        assertThat(build(Call.to("GET", link).followsLink(true)).uri()).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.example:8443/x",
                "http://api.example:8080/x",
                "https://stranger.example2/x",
                "https://api.example@stranger.test/x"
            })
    void a_link_to_another_origin_is_refused(String link) {
        assertThatThrownBy(() -> build(Call.to("GET", link).followsLink(true)))
                .extracting("code")
                .isEqualTo("base_url_override_not_allowed");
    }

    @Test
    void identifiers_and_short_words_may_stand_in_the_address_of_another_host() {
        var full = Samples.of(PROVIDER, """
                {"type":"BASIC","username":"acme-corporation","password":"correct-horse","raw":{"team":"acme-files"}}""");
        var keyAsName = Samples.of(PROVIDER, """
                {"type":"BASIC","username":"key-in-the-name","password":""}""");
        var brief = Samples.of(PROVIDER, "{\"type\":\"API_KEY\",\"apiKey\":\"files\"}");

        assertThat(full.confidential().standIn("https://acme-files.test/acme-corporation"))
                .isFalse();
        assertThat(full.confidential().standIn("?p=correct-horse")).isTrue();
        assertThat(full.confidential().standIn("Basic YWNtZS1jb3Jwb3JhdGlvbjpjb3JyZWN0LWhvcnNl"))
                .isTrue();
        assertThat(full.secrets().standIn("acme-corporation")).isTrue();
        assertThat(keyAsName.confidential().standIn("?key=key-in-the-name")).isTrue();
        assertThat(brief.confidential().standIn("https://files.test/")).isFalse();
        assertThat(brief.secrets().standIn("files")).isTrue();
    }

    @Test
    void secrets_within_secrets_are_secret_too() {
        var target = Samples.of(PROVIDER, """
                {"type":"JWT","privateKey":{"id":"key-id","secret":"key-secret"},"token":"signed",
                "raw":{"token_type":"Bearer"}}""");

        var secrets = target.secrets();
        assertThat(List.of("key-id", "key-secret", "signed")).allMatch(secrets::standIn);
        assertThat(secrets.standIn("Bearer JWT")).isFalse();
    }

    @Test
    void the_left_base_url_counts_when_its_value_is_there() {
        var target = Samples.of(PROVIDER, "{\"type\":\"API_KEY\",\"apiKey\":\"k\"}", "{\"site\":\"acme\"}");

        var request = RequestBuilder.build(Call.to("GET", "/x").build(), target, () -> Instant.EPOCH);

        assertThat(request.uri()).hasToString("https://acme.example/api/x?version=2&site=acme");
        assertThat(request.headers()).containsEntry("x-site", "acme");
    }

    @Test
    void the_callers_headers_win_except_over_a_fixed_user_agent() {
        var headers = build(Call.to("GET", "/x")
                        .headers(Map.of("Authorization", "Bearer mine", "User-Agent", "mine", "X-Own", "1")))
                .headers();

        assertThat(headers)
                .containsEntry("authorization", "Bearer mine")
                .containsEntry("user-agent", "fixed")
                .containsEntry("x-own", "1")
                .containsEntry("accept", "application/json, text/plain, */*")
                .doesNotContainKeys("x-nothing", "x-site", "content-type");
    }

    @Test
    void body_values_are_laid_over_the_callers() throws IOException {
        var json = build(Call.to("POST", "/x").body(new Body.JsonText("{\"a\":1.10}".getBytes(UTF_8))));
        var form = build(Call.to("POST", "/x").body(new Body.Form("a=1")));
        var none = build(Call.to("POST", "/x"));

        assertThat(bytes(json)).asString(UTF_8).isEqualTo("{\"a\":1.10,\"auth\":{\"key\":\"secret\"}}");
        assertThat(bytes(form)).asString(UTF_8).isEqualTo("a=1&auth%5Bkey%5D=secret");
        assertThat(bytes(none)).asString(UTF_8).isEqualTo("{\"auth\":{\"key\":\"secret\"}}");
        assertThat(none.headers()).containsEntry("content-type", "application/json");
    }

    @Test
    void headers_may_sign_the_request() {
        var provider = Samples.provider("""
                test:
                    display_name: Test
                    auth_mode: API_KEY
                    credentials:
                        apiKey: {type: string, title: Key, description: Key}
                    proxy:
                        base_url: https://iam.amazonaws.com
                        headers:
                            authorization: ${awsSigV4(AKIDEXAMPLE, ${apiKey}, us-east-1, iam)}
                            x-amz-date: ${now:YYYYMMDDTHHmmss[Z]}
                            x-line: ${method} ${host}${path} ${endpoint} ${contentType}
                            x-params: ${params}|${urlCanonicalParams}|${bodyCanonicalParams}
                """);
        var target =
                Samples.of(provider, "{\"type\":\"API_KEY\",\"apiKey\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\"}");
        InstantSource clock = () -> Instant.parse("2015-08-30T12:36:00Z");
        var get = Call.to("GET", "/?Version=2010-05-08&Action=ListUsers").build();
        var post = Call.to("POST", "/x?q=1")
                .body(new Body.JsonText("{\"b\":1,\"a\":[2]}".getBytes(UTF_8)))
                .build();

        var signed = RequestBuilder.build(get, target, clock).headers();
        assertThat(signed.get("authorization"))
                .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ")
                .contains("SignedHeaders=host;x-amz-date, ");
        assertThat(signed)
                .containsEntry("x-amz-date", "20150830T123600Z")
                .containsEntry("x-params", "Action=ListUsers&Version=2010-05-08|Action=ListUsers&Version=2010-05-08|");
        assertThat(RequestBuilder.build(post, target, clock).headers())
                .containsEntry("x-line", "POST iam.amazonaws.com/x /x?q=1 application/json")
                .containsEntry("x-params", "a%5B%5D=2&b=1|q=1|{\"b\":1,\"a\":[2]}");
    }

    @Test
    void headers_with_credentials_are_marked_secret() {
        assertThat(build(Call.to("GET", "/x")).secret()).containsExactly("authorization");
    }

    @Test
    void an_invalid_certificate_is_reported() {
        var provider = Samples.provider("""
                test:
                    display_name: Test
                    auth_mode: OAUTH2_CC
                    token_url: https://api.example/token
                    require_client_certificate: true
                    proxy: {base_url: 'https://api.example'}
                """);
        var target = Samples.of(provider, """
                {"type":"OAUTH2_CC","token":"t","client_certificate":"none","client_private_key":"none"}""");

        var certificate = RequestBuilder.build(Call.to("GET", "/x").build(), target, () -> Instant.EPOCH)
                .certificate();

        assertThat(certificate).contains(new ClientCertificate("none", "none"));
    }

    @Test
    void each_kind_of_credentials_authorizes_in_its_way() {
        assertThat(authorization("{\"type\":\"BASIC\",\"username\":\"u\",\"password\":\"p\"}"))
                .isEqualTo("Basic dTpw");
        assertThat(authorization("{\"type\":\"OAUTH2\",\"access_token\":\"t\"}"))
                .isEqualTo("Bearer t");
        assertThat(authorization("{\"type\":\"OAUTH2_CC\",\"token\":\"t\"}")).isEqualTo("Bearer t");
        assertThat(authorization("{}")).isEqualTo("none");
    }

    private static String authorization(String credentials) {
        var target = Samples.of(Samples.builtIn("unauthenticated"), credentials);
        var call = Call.to("GET", "/x").baseUrlOverride("https://api.example").build();
        return RequestBuilder.build(call, target, () -> Instant.EPOCH).headers().getOrDefault("authorization", "none");
    }

    @Test
    void a_generic_provider_takes_base_url_and_key_from_the_integration() {
        var provider = Samples.builtIn("private-api-key");
        var credentials = "{\"type\":\"API_KEY\",\"apiKey\":\"k 1\"}";
        var inHeader = Samples.withCustom(provider, credentials, """
                {"baseUrl":"https://mine.example/","keyName":"X-Key","valueTemplate":"Key ${apiKey}"}""");
        var inQuery = Samples.withCustom(provider, credentials, """
                {"baseUrl":"https://mine.example","keyName":"key","keyPlacement":"query"}""");
        var call = Call.to("GET", "/x").build();

        var first = RequestBuilder.build(call, inHeader, () -> Instant.EPOCH);
        assertThat(first.uri()).hasToString("https://mine.example/x");
        assertThat(first.headers()).containsEntry("x-key", "Key k 1");
        assertThat(RequestBuilder.build(call, inQuery, () -> Instant.EPOCH).uri())
                .hasToString("https://mine.example/x?key=k+1");
    }

    @Test
    void without_a_base_url_the_provider_is_unsupported() {
        var target = Samples.of(Samples.builtIn("unauthenticated"), "{}");

        assertThatThrownBy(() -> RequestBuilder.build(Call.to("GET", "/x").build(), target, () -> Instant.EPOCH))
                .extracting("code")
                .isEqualTo("unsupported_provider");
    }

    @Test
    void a_functions_data_becomes_the_body_its_content_type_asks_for() {
        var data = Samples.json("{\"a\":{\"b\":1},\"c\":[1,2]}");

        assertThat(Body.of(Optional.of(data), Optional.empty()).type()).isEqualTo("application/json");
        assertThat(Body.of(Optional.of(data), Optional.of(Body.FORM)).content())
                .asString(UTF_8)
                .isEqualTo("a%5Bb%5D=1&c%5B%5D=1&c%5B%5D=2");
        assertThat(Body.of(Optional.of(StringNode.valueOf("x")), Optional.of("text/xml")))
                .extracting(Body::type)
                .isEqualTo("text/xml");
        assertThat(Body.of(Optional.of(Json.MAPPER.nullNode()), Optional.empty())
                        .content())
                .isEmpty();
    }
}
