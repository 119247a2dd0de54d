package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What is refused, and that nothing happens then. */
@Tag("slow")
class BadInputTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final ConnectionRef C1 = new ConnectionRef("crm", "c1");
    private static final ConnectionRef C2 = new ConnectionRef("crm", "c2");

    @BeforeAll
    static void connect() {
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        for (var ref : List.of(C1, C2)) {
            server.client()
                    .importConnection(Map.of(
                            "provider_config_key", "crm",
                            "connection_id", ref.connection(),
                            "credentials", Map.of("type", "NONE")));
        }
    }

    @BeforeEach
    void known_metadata() {
        server.client().setMetadata(C1, Map.of("kept", 1));
        server.client().setMetadata(C2, Map.of("kept", 2));
    }

    private static JsonNode metadata(ConnectionRef ref) {
        return server.client().connection(ref).path("metadata");
    }

    private static void nothingChanged() {
        assertThat(metadata(C1)).hasToString("{\"kept\":1}");
        assertThat(metadata(C2)).hasToString("{\"kept\":2}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "1", "true", "\"text\"", "[]", "[{\"a\":1}]"})
    void metadata_is_an_object(String metadata) {
        var body = "{\"provider_config_key\":\"crm\",\"connection_id\":\"c1\",\"metadata\":" + metadata + "}";

        for (var reply : List.of(
                server.raw().post("/connections/metadata", body), server.raw().patch("/connections/metadata", body))) {
            assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
            assertThat(reply.code()).isEqualTo("invalid_body");
            assertThat(reply.json().at("/error/errors/0/path/0").asString()).isEqualTo("metadata");
        }
        nothingChanged();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"provider_config_key\":\"crm\",\"metadata\":{}}",
                "{\"connection_id\":\"c1\",\"metadata\":{}}",
                "{\"provider_config_key\":1,\"connection_id\":\"c1\",\"metadata\":{}}",
                "{\"provider_config_key\":\"crm\",\"connection_id\":{\"a\":1},\"metadata\":{}}",
                "{\"provider_config_key\":\"crm\",\"connection_id\":[1],\"metadata\":{}}",
                "{\"provider_config_key\":\"crm\",\"connection_id\":\"c1\",\"metadata\":{},\"more\":1}",
                "{\"provider_config_key\":\"crm\",\"connection_id\":\"c<1>\",\"metadata\":{}}"
            })
    void fields_of_the_wrong_kind(String body) {
        var reply = server.raw().post("/connections/metadata", body);

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_body");
        nothingChanged();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"a\":1}}", "{\"a\":01}", "\"text\"", "1", "{\"a\":1} x", "\u0000"})
    void a_body_is_json(String body) {
        var reply = server.raw().post("/connections/metadata", body);

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_json");
    }

    @Test
    void a_body_is_called_json() {
        var headers = Map.of("Content-Type", "text/plain");

        var reply = server.raw().send("POST", "/connections/metadata", headers, BodyPublishers.ofString("{}"));

        assertThat(reply.status()).isEqualTo(415);
        assertThat(reply.code()).isEqualTo("invalid_content_type");
    }

    @Test
    void one_unknown_connection_among_several_stops_all() {
        var body = """
                {"provider_config_key":"crm","connection_id":["c1","nobody","c2"],"metadata":{"kept":"overwritten"}}""";

        for (var reply : List.of(
                server.raw().post("/connections/metadata", body), server.raw().patch("/connections/metadata", body))) {
            assertThat(reply.status()).isEqualTo(404);
            assertThat(reply.code()).isEqualTo("unknown_connection");
            assertThat(reply.text()).contains("nobody");
        }
        nothingChanged();
    }

    @Test
    void an_unknown_integration() {
        var body = "{\"provider_config_key\":\"nobody\",\"connection_id\":\"c1\",\"metadata\":{}}";

        var reply = server.raw().post("/connections/metadata", body);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.code()).isEqualTo("unknown_connection");
        nothingChanged();
    }

    @Test
    void what_the_database_cannot_hold_is_refused_clearly() {
        for (var text : List.of("a\\u0000b", "\\ud800")) {
            var body =
                    "{\"provider_config_key\":\"crm\",\"connection_id\":\"c1\",\"metadata\":{\"t\":\"" + text + "\"}}";

            var reply = server.raw().patch("/connections/metadata", body);

            assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
            assertThat(reply.code()).isEqualTo("invalid_body");
            assertThat(reply.text()).contains("cannot be stored");
        }
        nothingChanged();
    }

    @Test
    void a_body_over_the_limit() {
        long size = 76L * 1024 * 1024;
        var type = Map.of("Content-Type", "application/json");

        // One announces its length, the other comes in chunks.
        var announced = BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> large(size)), size);
        var chunked = BodyPublishers.ofInputStream(() -> large(size));

        for (var body : List.of(announced, chunked)) {
            var reply = server.raw().send("POST", "/connections/metadata", type, body);
            assertThat(reply.status()).isEqualTo(413);
        }
        nothingChanged();
    }

    private static InputStream large(long size) {
        var head = "{\"provider_config_key\":\"crm\",\"connection_id\":\"c1\",\"metadata\":{\"t\":\"";
        var tail = "\"}}";
        var block = new byte[1024];
        Arrays.fill(block, (byte) 'x');
        long rest = size - head.length() - tail.length();
        var parts = new ArrayList<InputStream>();
        parts.add(new ByteArrayInputStream(head.getBytes(StandardCharsets.US_ASCII)));
        for (; rest > 0; rest -= block.length) {
            parts.add(new ByteArrayInputStream(block, 0, (int) Math.min(rest, block.length)));
        }
        parts.add(new ByteArrayInputStream(tail.getBytes(StandardCharsets.US_ASCII)));
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"cursor=nonsense", "cursor=", "cursor=bm9uc2Vuc2U%3D", "limit=0", "limit=-1", "limit=10001"})
    void pages_of_records_that_cannot_be(String query) {
        var reply = server.raw().get("/records?model=Contact&" + query, headers("crm", "c1"));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_query_params");
    }

    @Test
    void records_of_an_unknown_model_are_none() {
        var reply = server.raw().get("/records?model=Nobody", headers("crm", "c1"));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json()).hasToString("{\"records\":[],\"next_cursor\":null}");
    }

    @Test
    void records_of_an_unknown_connection() {
        var reply = server.raw().get("/records?model=Contact", headers("crm", "nobody"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("unknown_connection");
    }

    private static Map<String, String> headers(String integration, String connection) {
        return Map.of("Provider-Config-Key", integration, "Connection-Id", connection);
    }

    private static String deploy(String integration, String code) {
        return """
                {"flowConfigs":[{"syncName":"greet","providerConfigKey":"%s","models":[],"runs":null,"type":"action",
                 "endpoints":[],"fileBody":{"js":%s,"ts":""}}],
                 "reconcile":false,"debug":false,"nangoYamlBody":"","singleDeployMode":true}""".formatted(integration, RawClient.JSON.writeValueAsString(code));
    }

    private static void nothingDeployed() {
        assertThat(server.raw().get("/scripts/config").json()).hasToString("[]");
    }

    @Test
    void a_deploy_to_an_unknown_integration() {
        var reply = server.raw().post("/sync/deploy", deploy("nobody", "exports.default = {}"));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("unknown_provider_config");
        nothingDeployed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exports.default = { exec: async () => (() => {}).constructor('return process')() }",
                "exports.default = { exec: async () => ({})['constructor']['constructor']('return 1')() }",
                "exports.default = { exec: async () => (async () => {})[`con` + `structor`]('x') && [].constructor('x') }"
            })
    void a_deploy_of_code_that_makes_code(String code) {
        var reply = server.raw().post("/sync/deploy", deploy("crm", code));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("deploy_script_security_rejected");
        assertThat(reply.text()).contains("greet");
        nothingDeployed();
    }

    @Test
    void of_code_that_makes_code_and_a_class_that_makes_more_of_its_kind_the_first_is_refused() {
        var functions = List.of(
                Deployment.action("maker", "new (() => {}).constructor('return 1')"),
                Deployment.action("class", "class A { more(x) { return new this.constructor(x) } }"));

        var reply = server.raw().post("/sync/deploy", RawClient.JSON.writeValueAsString(Deployment.adding(functions)));

        assertThat(reply.code()).isEqualTo("deploy_script_security_rejected");
        assertThat(reply.text()).contains("maker").doesNotContain("class");
        nothingDeployed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"flowConfigs\":[]}",
                "{\"flowConfigs\":{},\"reconcile\":true,\"debug\":false,\"nangoYamlBody\":\"\"}",
                "{\"flowConfigs\":[1],\"reconcile\":true,\"debug\":false,\"nangoYamlBody\":\"\"}",
                "{\"flowConfigs\":[{}],\"reconcile\":true,\"debug\":false,\"nangoYamlBody\":\"\"}",
                "{\"flowConfigs\":[],\"reconcile\":\"yes\",\"debug\":false,\"nangoYamlBody\":\"\"}"
            })
    void a_malformed_deploy(String body) {
        var reply = server.raw().post("/sync/deploy", body);

        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("invalid_body");
        nothingDeployed();
    }
}
