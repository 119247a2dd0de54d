package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.RandomText;
import dev.millrace.server.http.Storable;
import dev.millrace.server.testkit.DeployedFunctions;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the database cannot store is refused, whatever part of a request brings it; everything else is stored as it came. */
@Tag("slow")
@Timeout(300)
class UnstorableRequestTest {
    private static final int ROUNDS = 150;

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private final RandomText texts = new RandomText(new Random(11));

    @BeforeAll
    static void deploy() {
        new DeployedFunctions(server);
        Scripts.on(server.client()).action("echo", "return input;").deploy();
    }

    private static void refused(RawClient.Reply reply, String code, String... path) {
        assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo(code);
        var paths = reply.json()
                .at("/error/errors")
                .valueStream()
                .map(issue ->
                        issue.path("path").valueStream().map(p -> p.asString()).toList())
                .toList();
        assertThat(paths).as(reply.toString()).contains(List.of(path));
        assertThat(reply.text()).contains("cannot be stored");
    }

    private static RawClient.Reply importing(String id, String field) {
        return server.raw()
                .post(
                        "/connections",
                        "{\"provider_config_key\":\"crm\",\"connection_id\":\"" + id + "\"," + field
                                + ",\"credentials\":{\"type\":\"NONE\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\"tags\":{\"a\":\"x\\u0000\"}; tags/a",
                "\"tags\":{\"a\":\"\\ud83d\"}; tags/a",
                "\"connection_config\":{\"a\":\"x\\u0000\"}; connection_config/a",
                "\"connection_config\":{\"a\":[{\"b\":\"\\udc00\\ud800\"}]}; connection_config/a/0/b",
                "\"connection_config\":{\"a\":1e999999}; connection_config/a",
                "\"connection_config\":{\"a\":1e-99999}; connection_config/a",
                "\"end_user\":{\"id\":\"x\\u0000\"}; end_user/id",
                "\"end_user\":{\"id\":\"x\",\"display_name\":\"\\ude00\"}; end_user/display_name",
                "\"end_user\":{\"id\":\"x\",\"tags\":{\"t\":\"\\u0000\"}}; end_user/tags/t",
                "\"metadata\":{\"a\":{\"b\":\"\\u0000\"}}; metadata/a/b",
                "\"webhook_url_override\":\"https://a/\\u0000\"; webhook_url_override"
            })
    void the_fields_of_an_import(String field, String path) {
        refused(importing("n", field), "invalid_body", path.split("/", -1));
    }

    @Test
    void keys_are_named_without_what_is_refused() {
        refused(
                importing("n", "\"connection_config\":{\"k\\u0000\":1}"),
                "invalid_body",
                "connection_config",
                "k\uFFFD");
        // A name with half of a pair, or with a NUL that is not escaped, is no JSON to the parser.
        refused(
                importing("n", "\"connection_config\":{\"a\":[{\"ok\":1,\"\\ud800\":1}]}"),
                "invalid_json",
                "connection_config",
                "a",
                "0");
        refused(importing("n", "\"tags\":{\"x\\udc00y\":\"1\"}"), "invalid_json", "tags");
        refused(importing("n", "\"metadata\":{\"a\":{\"b\0\":1}}"), "invalid_json", "metadata", "a");
        refused(server.raw().post("/connections/metadata", "{\"\\ud83d\":1}"), "invalid_json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/connections?search=%00; search",
                "/connections?connectionId=a%00; connectionId",
                "/connections?endUserId=%00; endUserId",
                "/connections?endUserOrganizationId=%00; endUserOrganizationId",
                "/connections?tags[a]=%00; tags/a",
                "/logs/lines?search=%00; search",
                "/logs/operations?search=%00; search",
                "/logs/operations?function=%00; function",
                "/connections/c1/metadata?provider_config_key=crm&path=/%00; path"
            })
    void queries(String asked) {
        var parts = asked.split("; ", -1);
        refused(
                server.raw().get(parts[0].replace("[", "%5B").replace("]", "%5D")),
                "invalid_query_params",
                parts[1].split("/", -1));
    }

    @Test
    void paths_and_older_routes() {
        for (var reply : List.of(
                server.raw().get("/integrations/a%00"),
                server.raw().get("/connections/a%00?provider_config_key=crm"),
                server.raw().get("/integrations/a%00/functions"),
                server.raw().get("/integrations/crm/functions/a%00"),
                server.raw().get("/providers/a%00"),
                server.raw().post("/connection/a%00/metadata?provider_config_key=crm", "{}"))) {
            assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
        }
        refused(
                server.raw().post("/connection/c1/metadata?provider_config_key=a%00", "{}"),
                "invalid_query_params",
                "provider_config_key");
    }

    @Test
    void other_bodies() {
        refused(
                server.raw().patch("/connections/c1?provider_config_key=crm", "{\"tags\":{\"a\":\"\\u0000\"}}"),
                "invalid_body",
                "tags",
                "a");
        refused(
                server.raw().patch("/integrations/crm", "{\"display_name\":\"a\\u0000\"}"),
                "invalid_body",
                "display_name");
        var function = DeployedFunctions.action("n", "x");
        function.put("fileBody", Map.of("js", "// \0", "ts", ""));
        refused(
                server.raw()
                        .post("/sync/deploy", RawClient.JSON.writeValueAsString(Deployment.adding(List.of(function)))),
                "invalid_body",
                "flowConfigs",
                "0",
                "fileBody",
                "js");
        function.put("fileBody", Map.of("js", "//", "ts", ""));
        function.put("metadata", Map.of("description", "a\0"));
        refused(
                server.raw()
                        .post("/sync/deploy", RawClient.JSON.writeValueAsString(Deployment.adding(List.of(function)))),
                "invalid_body",
                "flowConfigs",
                "0",
                "metadata",
                "description");
    }

    @Test
    void a_million_faults_make_a_short_answer() {
        var reply = importing("n", "\"connection_config\":{\"a\":[" + "\"\\u0000\",".repeat(100_000) + "1]}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/errors").size()).isEqualTo(20);
    }

    @Test
    void random_texts_are_refused_or_stored_as_they_came() {
        for (int i = 0; i < ROUNDS; i++) {
            var text = texts.next();
            boolean storable = Storable.fault(text).isEmpty();
            var json = RandomText.ascii(text);
            var body = "\"tags\":{\"t\":" + json + "},\"end_user\":{\"id\":" + json + ",\"display_name\":" + json
                    + "},\"connection_config\":{\"v\":" + json + ",\"o\":{" + json + ":[" + json + "]}},\"metadata\":{"
                    + json
                    + ":" + json + "}";

            var reply = importing("r" + i, body);

            assertThat(reply.status()).as(json + " " + reply).isEqualTo(storable ? 201 : 400);
            if (storable) {
                var shown = server.raw()
                        .get("/connections/r" + i + "?provider_config_key=crm")
                        .json();
                assertThat(shown.at("/tags/t").asString()).isEqualTo(text);
                assertThat(shown.at("/end_user/id").asString()).isEqualTo(text);
                assertThat(shown.at("/connection_config/v").asString()).isEqualTo(text);
                assertThat(shown.path("connection_config")
                                .path("o")
                                .path(text)
                                .path(0)
                                .asString())
                        .isEqualTo(text);
                assertThat(shown.path("metadata").path(text).asString()).isEqualTo(text);
            }
        }
    }

    /** Method, path and body, each with the text in as many places as there are; the text stands for {@code ~}. */
    private static final String[] EVERYWHERE = {
        "PATCH /connections/c1?provider_config_key=crm {'tags':{'t':~},'end_user':{'id':~,'display_name':~,'tags':{'t':~}}}",
        "POST /connections/metadata {'provider_config_key':'crm','connection_id':'c1','metadata':{'a':[~,{'b':~}]}}",
        "PATCH /connections/metadata {'provider_config_key':'crm','connection_id':['c1'],'metadata':{'a':~}}",
        "POST /connection/c1/metadata?provider_config_key=crm {'a':~}",
        "PATCH /connections/c1/metadata?provider_config_key=crm {'a':~}",
        "POST /connections/metadata {'provider_config_key':~,'connection_id':~,'metadata':{}}",
        "POST /integrations {'provider':'unauthenticated','unique_key':~,'display_name':~}",
        "POST /integrations {'provider':~,'unique_key':'other'}",
        "POST /integrations {'provider':'private-api-bearer','unique_key':'other','integration_config':{'baseUrl':~,'k':~}}",
        "PATCH /integrations/crm {'display_name':~,'metadata_index':[~]}",
        "PATCH /environment/settings {'metadata_validation':~}",
        "POST /sync/trigger {'syncs':[~],'provider_config_key':'crm','connection_id':'c1'}",
        "POST /sync/trigger {'syncs':[{'name':~,'variant':~}],'provider_config_key':'crm','sync_mode':~}",
        "POST /sync/start {'syncs':[~],'provider_config_key':~,'connection_id':~}",
        "POST /sync/pause {'syncs':[~],'provider_config_key':'crm'}",
        "PUT /sync/update-connection-frequency {'sync_name':~,'provider_config_key':'crm','connection_id':'c1','frequency':~}",
        "POST /action/trigger {'action_name':~}",
        "POST /functions/deployments {'type':'function','integration_id':'crm','function_name':~,'function_type':'action','code':'1'}",
        "POST /functions/deployments {'type':'template','integration_id':'crm','template':~}",
        "POST /functions/compile {'integration_id':'crm','function_name':'f','function_type':'action','code':~}",
        "POST /functions/invocations {'name':~,'integration_id':'crm','connection_id':'c1','invocation_type':'wait','input':~}",
        "GET /connections?connectionId=~&search=~&endUserId=~&endUserOrganizationId=~&integrationId=~&tags%5Bt%5D=~",
        "GET /connections?metadata%5Ba%5D=~",
        "GET /connections/~?provider_config_key=~",
        "GET /connections/c1/metadata?provider_config_key=crm&path=/~",
        "GET /integrations/~",
        "GET /integrations/crm?include=~",
        "GET /integrations/crm/functions/~",
        "DELETE /integrations/~",
        "GET /providers?search=~",
        "GET /providers/~",
        "GET /sync/status?syncs=~&provider_config_key=crm&connection_id=c1",
        "GET /scripts/config?format=~",
        "GET /records?model=~&variant=~",
        "GET /records?model=Item&cursor=~&ids=~&filter=~",
        "GET /records/models?x=~",
        "PATCH /records/prune {'model':'Item','until_cursor':~}",
        "GET /logs/operations?function=~&search=~&cursor=~",
        "GET /logs/lines?search=~&connection_id=~",
        "GET /environment-variables?x=~"
    };

    @Test
    void nothing_is_a_fault_of_the_server_wherever_the_text_stands() {
        var headers = Map.of("Content-Type", "application/json", "Provider-Config-Key", "crm", "Connection-Id", "c1");
        for (int i = 0; i < ROUNDS / 6; i++) {
            var text = i == 0 ? "a\0" : i == 1 ? "\ud800" : texts.next();
            for (var request : EVERYWHERE) {
                var parts = request.split(" ", 3);
                var path = parts[1].replace(
                        "~", URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20"));
                var body = parts.length < 3 ? "" : parts[2].replace('\'', '"').replace("~", RandomText.ascii(text));

                var reply = server.raw().send(parts[0], path, headers, BodyPublishers.ofString(body));

                assertThat(reply.status())
                        .as(request + " with " + RandomText.ascii(text) + ": " + reply)
                        .isLessThan(500);
                if (parts.length == 3 && Storable.fault(text).isPresent()) {
                    assertThat(reply.status()).as(request + ": " + reply).isEqualTo(400);
                }
            }
        }
    }

    @Test
    void headers_of_any_bytes_are_answered() {
        for (int i = 1; i < 256; i++) {
            if (i == '\r' || i == '\n') {
                continue;
            }
            var reply = raw("GET /records?model=Item HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                    + server.key() + "\r\nConnection-Id: c" + (char) i + "\r\nProvider-Config-Key: crm" + (char) i
                    + "\r\n\r\n");
            assertThat(reply).matches("(?s)HTTP/1.1 (200|400) .*");
        }
        assertThat(
                        raw(
                                "POST /action/trigger HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                                        + server.key()
                                        + "\r\nConnection-Id: c1\r\nProvider-Config-Key: crm\r\nIdempotency-Key: a\0b\r\nContent-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
    }

    private static String raw(String request) {
        try (var socket = new Socket(server.url().getHost(), server.url().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void random_searches_are_answered() {
        for (int i = 0; i < ROUNDS; i++) {
            var text = texts.next();
            // What is no text becomes a question mark here: only NUL is left to be refused.
            var encoded = URLEncoder.encode(text, StandardCharsets.UTF_8);
            int expected = text.indexOf('\0') < 0 ? 200 : 400;

            for (var path : List.of(
                    "/connections?search=",
                    "/connections?endUserId=",
                    "/logs/lines?search=",
                    "/logs/operations?search=")) {
                assertThat(server.raw().get(path + encoded).status())
                        .as(path + encoded)
                        .isEqualTo(expected);
            }
        }
    }

    /** Nobody stores the input of an action as text: it arrives as it came. */
    @Test
    void inputs_of_actions_pass() {
        for (int i = 0; i < ROUNDS / 3; i++) {
            var text = texts.next();
            var reply = ProbeAction.call(
                    server.raw(), "c1", "{\"action_name\":\"echo\",\"input\":{\"v\":" + RandomText.ascii(text) + "}}");

            assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
            assertThat(reply.json().path("v").asString()).isEqualTo(text);
        }
    }
}
