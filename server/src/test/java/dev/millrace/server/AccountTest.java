package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.environment.Scopes;
import dev.millrace.server.http.Route;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Environments and their API keys, managed by an account key; variables and settings, by an environment's own. */
class AccountTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static RawClient account() {
        return server.raw().with(server.accountKey());
    }

    private static JsonNode create(String name) {
        var reply = account().post("/environments", "{\"name\":\"" + name + "\"}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().get("data");
    }

    private static String keys(JsonNode environment) {
        return "/environments/" + environment.get("uuid").stringValue() + "/api-keys";
    }

    private static JsonNode createKey(JsonNode environment, String body) {
        var reply = account().post(keys(environment), body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().get("data");
    }

    @Test
    void an_environment_is_created_with_a_key_used_and_deleted() {
        var environment = create("staging");
        assertThat(environment.propertyNames()).containsExactly("id", "uuid", "name");
        var listed = account().get("/environments?name=staging").json().get("data");
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).get("is_production").booleanValue()).isFalse();

        var key = createKey(environment, "{\"display_name\":\"ci\"}");
        assertThat(key.propertyNames()).containsExactly("id", "uuid", "display_name", "scopes", "created_at", "secret");
        var client = server.raw().with(key.get("secret").stringValue());
        assertThat(client.post("/integrations", "{\"unique_key\":\"crm\",\"provider\":\"unauthenticated\"}")
                        .status())
                .isEqualTo(200);
        assertThat(server.raw().get("/integrations/crm").status()).isEqualTo(404);

        var uuid = environment.get("uuid").stringValue();
        assertThat(account().delete("/environments/" + uuid).status()).isEqualTo(204);
        assertThat(account()
                        .delete("/environments/" + uuid)
                        .json()
                        .at("/error/code")
                        .stringValue())
                .isEqualTo("not_found");
        await().untilAsserted(
                        () -> assertThat(client.get("/integrations").status()).isEqualTo(401));
        assertThat(create("staging").get("uuid").stringValue()).isNotEqualTo(uuid);
    }

    @Test
    void what_a_deleted_environment_held_is_removed() throws Exception {
        var environment = create("doomed");
        var key = createKey(environment, "{\"display_name\":\"ci\"}");
        var client = server.raw().with(key.get("secret").stringValue());
        client.post("/integrations", "{\"unique_key\":\"crm\",\"provider\":\"unauthenticated\"}");
        client.post(
                "/connections",
                "{\"provider_config_key\":\"crm\",\"connection_id\":\"c\",\"credentials\":{\"type\":\"NONE\"}}");
        account().delete("/environments/" + environment.get("uuid").stringValue());

        var tables = new KeyTables(server.databaseUrl());
        await().untilAsserted(() -> assertThat(tables.count("integration WHERE deleted_at IS NULL AND environment_id = "
                        + environment.get("id").longValue()))
                .isZero());
        assertThat(tables.count("connection WHERE deleted_at IS NULL AND environment_id = "
                        + environment.get("id").longValue()))
                .isZero();
    }

    @Test
    void keys_are_listed_without_secrets_read_with_them_and_deleted() {
        var environment = create("keys");
        var key = createKey(environment, "{\"display_name\":\"ci\",\"scopes\":[\"environment:records:*\"]}");
        var path = keys(environment) + "/" + key.get("uuid").stringValue();

        var listed =
                account().get(keys(environment) + "?display_name=ci").json().get("data");
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).has("secret")).isFalse();
        assertThat(listed.get(0).get("last_used_at").isNull()).isTrue();

        var client = server.raw().with(key.get("secret").stringValue());
        assertThat(client.get("/integrations").status()).isEqualTo(403);
        var read = account().get(path).json().get("data");
        assertThat(read.get("secret")).isEqualTo(key.get("secret"));
        assertThat(read.get("last_used_at").isString()).isTrue();

        assertThat(account().delete(path).text()).isEqualTo("{\"success\":true}");
        assertThat(account().get(path).status()).isEqualTo(404);
        await().untilAsserted(
                        () -> assertThat(client.get("/integrations").status()).isEqualTo(401));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST   | /environments                 | {}                                        | 400 | invalid_body
            POST   | /environments                 | {"name":"Big"}                            | 400 | invalid_body
            POST   | /environments                 | {"name":"a","colour":"red"}               | 400 | invalid_body
            POST   | /environments                 | {"name":"a","callback_url":"http://10.0.0.1/"} | 400 | invalid_body
            POST   | /environments                 | {"name":"a","hmac_enabled":true}          | 400 | invalid_body
            POST   | /environments                 | {"name":"a","otlp_headers":[{"name":"x","value":"***"}]} | 400 | invalid_body
            POST   | /environments                 | {"name":"prod","is_production":false}     | 400 | invalid_is_prod_flag
            POST   | /environments                 | {"name":"prod"}                           | 409 | conflict
            GET    | /environments?name=UPPER      |                                           | 400 | invalid_query_params
            DELETE | /environments/nonsense        |                                           | 400 | invalid_uri_params
            GET    | /environments/00000000-0000-4000-8000-000000000000/api-keys |             | 404 | not_found
            """)
    void wrong_requests_are_refused(String method, String path, @Nullable String body, int status, String code) {
        var reply = account().send(method, path, body == null ? "" : body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.json().at("/error/code").stringValue()).isEqualTo(code);
    }

    @Test
    void the_production_environment_stays() {
        var prod = account()
                .get("/environments?name=prod")
                .json()
                .at("/data/0/uuid")
                .stringValue();
        var reply = account().delete("/environments/" + prod);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/code").stringValue()).isEqualTo("cannot_delete_prod_environment");
    }

    @Test
    void a_name_is_used_once_and_fifty_keys_are_the_most() {
        var environment = create("full");
        for (int i = 0; i < 50; i++) {
            createKey(environment, "{\"display_name\":\"k" + i + "\"}");
        }
        assertThat(account()
                        .post(keys(environment), "{\"display_name\":\"k1\"}")
                        .json()
                        .at("/error/code")
                        .stringValue())
                .isEqualTo("resource_capped");
        var other = create("twice");
        createKey(other, "{\"display_name\":\"one\"}");
        assertThat(account()
                        .post(keys(other), "{\"display_name\":\"one\"}")
                        .json()
                        .at("/error/code")
                        .stringValue())
                .isEqualTo("conflict");
    }

    @ParameterizedTest
    @CsvSource({
        "environment:*,true",
        "environment:records:*,true",
        "environment:syncs:variant:*,true",
        "environment:deploy,true",
        "environment:deploy:*,false",
        "environment:nothing,false",
        "account:*,false",
        "*,false",
        "environment:record*,false"
    })
    void scopes_are_known_ones_or_wildcards_above_them(String scope, boolean accepted) {
        var environment = create("s" + UUID.randomUUID().toString().substring(0, 8));
        var reply = account().post(keys(environment), "{\"display_name\":\"k\",\"scopes\":[\"" + scope + "\"]}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(accepted ? 200 : 400);
    }

    @Test
    void account_keys_and_environment_keys_are_refused_for_each_other() {
        for (var path :
                new String[] {"/integrations", "/connections", "/providers", "/cluster", "/environment-variables"}) {
            assertThat(account().get(path).status()).as(path).isEqualTo(403);
        }
        assertThat(server.raw().get("/environments").json().at("/error/code").stringValue())
                .isEqualTo("forbidden");
    }

    /** Each route accepts exactly the scopes it names. */
    @Test
    void every_route_asks_for_its_scope() throws Exception {
        var environment = create("scopes");
        var tables = new KeyTables(server.databaseUrl());
        var all = Stream.concat(Scopes.ENVIRONMENT.stream(), Scopes.ACCOUNT.stream())
                .toList();
        int asked = 0;
        for (var scope : all) {
            boolean account = scope.startsWith("account:");
            var client = server.raw()
                    .with(tables.addKey(account ? null : environment.get("id").longValue(), scope));
            for (var route : server.server().routes()) {
                if (route.scopes().isEmpty() || route.scopes().contains("*")) {
                    continue;
                }
                assertThat(all)
                        .as(route.pattern())
                        .containsAll(route.scopes().stream()
                                .filter(wanted -> !wanted.equals(Route.CONNECT_SESSION))
                                .toList());
                var path = route.pattern().replaceAll("\\{[^}]*}", "x").replace("*", "x");
                var reply = client.send(route.method().equals("*") ? "GET" : route.method(), path, "{}");
                var named = route.method() + " " + route.pattern() + " with " + scope + ": " + reply.text();
                if (route.scopes().contains(scope)) {
                    assertThat(reply.status()).as(named).isNotEqualTo(401);
                    assertThat(reply.text()).as(named).doesNotContain("lacks the scope");
                } else {
                    assertThat(reply.status()).as(named).isEqualTo(403);
                    if (!route.method().equals("HEAD")) {
                        assertThat(reply.text()).as(named).contains("lacks the scope");
                    }
                }
                asked++;
            }
        }
        assertThat(asked).isGreaterThan(2_000);
    }

    @Test
    void variables_are_replaced_changed_and_read() {
        var raw = server.raw();
        assertThat(raw.put(
                                "/environment-variables",
                                "[{\"name\":\"B\",\"value\":\"2\"},{\"name\":\"A\",\"value\":\"1\"}]")
                        .text())
                .isEqualTo("[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"2\"}]");
        assertThat(raw.patch(
                                "/environment-variables",
                                "[{\"name\":\"A\",\"value\":null},{\"name\":\"C\",\"value\":\"\"}]")
                        .text())
                .isEqualTo("[{\"name\":\"B\",\"value\":\"2\"},{\"name\":\"C\",\"value\":\"\"}]");
        for (var wrong : new String[] {
            "{}",
            "[{\"name\":\"1A\",\"value\":\"x\"}]",
            "[{\"name\":\"A\"}]",
            "[{\"name\":\"A\",\"value\":1}]",
            "[{\"name\":\"A\",\"value\":\"x\"},{\"name\":\"A\",\"value\":\"y\"}]",
            "[{\"name\":\"A\",\"value\":\"" + "x".repeat(65_537) + "\"}]"
        }) {
            var reply = raw.put("/environment-variables", wrong);
            assertThat(reply.status()).as(reply.text()).isEqualTo(400);
            assertThat(reply.json().at("/error/code").stringValue()).isEqualTo("invalid_body");
        }
        assertThat(raw.get("/environment-variables").json()).hasSize(2);
    }

    @Test
    void settings_of_the_app_are_changed_one_level_deep_and_keep_their_secrets() {
        var raw = server.raw();
        var changed = raw.patch(
                        "/environment/settings",
                        "{\"webhooks\":{\"primary_url\":\"http://127.0.0.1:9/hook\",\"on_sync_error\":false},"
                                + "\"hmac\":{\"enabled\":true,\"key\":\"geheim\"},"
                                + "\"connect_ui\":{\"theme\":{\"dark\":{\"primary\":\"rgb(1, 2, 3)\"}}},"
                                + "\"logs\":{\"otlp_headers\":[{\"name\":\"x-key\",\"value\":\"geheim\"}]}}")
                .json()
                .get("data");
        assertThat(changed.at("/webhooks/primary_url").stringValue()).isEqualTo("http://127.0.0.1:9/hook");
        assertThat(changed.at("/webhooks/on_sync_error").booleanValue()).isFalse();
        assertThat(changed.at("/webhooks/on_auth_creation").booleanValue()).isTrue();
        assertThat(changed.at("/hmac").toString()).isEqualTo("{\"enabled\":true,\"key\":\"***\"}");
        assertThat(changed.at("/connect_ui/theme/light/primary").stringValue()).isEqualTo("#00B2E3");
        assertThat(changed.at("/connect_ui/theme/dark/primary").stringValue()).isEqualTo("rgb(1, 2, 3)");
        assertThat(changed.at("/logs/otlp_headers/0/value").stringValue()).isEqualTo("***");
        assertThat(changed.get("callback_url").stringValue()).endsWith("/oauth/callback");
        assertThat(changed.get("logs_days").intValue()).isEqualTo(15);

        var kept = raw.patch(
                        "/environment/settings",
                        "{\"webhooks\":{\"primary_url\":null},\"hmac\":{\"enabled\":true,\"key\":\"***\"}}")
                .json()
                .get("data");
        assertThat(kept.at("/webhooks/primary_url").isNull()).isTrue();
        assertThat(kept.at("/webhooks/on_sync_error").booleanValue()).isFalse();
        assertThat(kept.at("/hmac/key").stringValue()).isEqualTo("***");

        var before = raw.get("/environment/settings").text();
        for (var wrong : new String[] {
            "{\"webhooks\":{\"primary_url\":\"http://169.254.169.254/\"}}",
            "{\"webhooks\":{\"primary_url\":\"ftp://example.com\"}}",
            "{\"webhooks\":{\"tertiary_url\":\"https://example.com\"}}",
            "{\"hmac\":{\"enabled\":true,\"key\":null}}",
            "{\"connect_ui\":{\"defaultTheme\":\"pink\"}}",
            "{\"connect_ui\":{\"theme\":{\"light\":{\"primary\":\"red;}\"}}}}",
            "{\"callback_url\":5}",
            "{\"logs\":{\"otlp_headers\":[{\"name\":\"a b\",\"value\":\"\"}]}}"
        }) {
            var reply = raw.patch("/environment/settings", wrong);
            assertThat(reply.status()).as(wrong + reply.text()).isEqualTo(400);
        }
        assertThat(raw.get("/environment/settings").text()).isEqualTo(before);
        assertThat(before).doesNotContain("geheim");
    }

    @Test
    void the_signing_key_is_replaced() {
        var first =
                server.raw().post("/environment/webhook-signing-key/rotate", "").json();
        var second =
                server.raw().post("/environment/webhook-signing-key/rotate", "").json();
        var text = first.at("/data/webhook_signing_key").stringValue();
        assertThat(UUID.fromString(text).version()).isEqualTo(4);
        assertThat(second.at("/data/webhook_signing_key").stringValue()).isNotEqualTo(text);
    }
}
