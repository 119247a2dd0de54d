package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.TestServer;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the settings of an environment and of an integration do to metadata. */
@Tag("slow")
@Timeout(300)
class MetadataSettingsTest {
    private static final ConnectionRef C1 = new ConnectionRef("crm", "c1");

    private static void connect(TestServer server, String id) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", id, "credentials", Map.of("type", "NONE")));
    }

    private static TestServer server() {
        var server = TestServer.start();
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        connect(server, "c1");
        return server;
    }

    private static void change(TestServer server, String settings) {
        var reply = server.raw().patch("/environment/settings", settings);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    private static List<String> texts(TestServer server, String query) throws SQLException {
        try (var connection = DriverManager.getConnection(server.databaseUrl());
                var rows = connection.createStatement().executeQuery(query)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }

    @Test
    void settings_are_read_changed_and_checked() {
        try (var server = server()) {
            assertThat(server.raw().get("/environment/settings").text()).startsWith("""
                    {"data":{"metadata_validation":"off","metadata_change_policy":"ignore","metadata_encryption":false,\
                    "metadata_history_versions":50,"metadata_history_days":90,"metadata_max_bytes":1048576,\
                    "metadata_max_depth":100,"delete_guard_share":90,"delete_guard_count":10,\
                    "records_prune_days":30,"records_delete_days":60,"function_validation":false,\
                    "action_concurrency":500,"action_connection_concurrency":0,"strict_invocations":false,"logs_days":15,\
                    "function_versions":20,"oauth_state_cookie":true,""");

            change(server, "{\"metadata_validation\":\"warn\",\"metadata_max_bytes\":20}");

            var settings = server.raw().get("/environment/settings").json().get("data");
            assertThat(settings.path("metadata_validation").asString()).isEqualTo("warn");
            assertThat(settings.path("metadata_history_versions").asInt()).isEqualTo(50);
            for (var wrong : List.of(
                    "{\"metadata_validation\":\"maybe\"}", "{\"metadata_max_depth\":0}", "{\"other\":1}", "[]")) {
                assertThat(server.raw().patch("/environment/settings", wrong).code())
                        .isEqualTo("invalid_body");
            }
            var path = "/connections/c1/metadata?provider_config_key=crm";
            assertThat(server.raw()
                            .post(path, "{\"long\":\"long long long long\"}")
                            .status())
                    .isEqualTo(413);
        }
    }

    @Test
    void only_so_many_versions_are_kept() {
        try (var server = server()) {
            change(server, "{\"metadata_history_versions\":3}");
            for (int i = 0; i < 6; i++) {
                server.client().updateMetadata(C1, Map.of("i", i));
            }

            var history = server.raw()
                    .get("/connections/c1/metadata/history?provider_config_key=crm")
                    .json();

            assertThat(history.path("history")
                            .valueStream()
                            .map(v -> v.path("version").asInt()))
                    .containsExactly(7, 6, 5);
        }
    }

    @Test
    void encrypted_metadata_is_nowhere_in_the_clear_and_can_still_be_found() throws SQLException {
        try (var server = server()) {
            change(server, "{\"metadata_encryption\":true,\"webhooks\":{\"on_metadata_change\":true}}");
            server.client().updateIntegration("crm", Map.of("metadata_index", List.of("secret.word")));
            server.client().setMetadata(C1, Map.of("secret", Map.of("word", "swordfish")));

            assertThat(server.client()
                            .connection(C1)
                            .path("metadata")
                            .path("secret")
                            .path("word")
                            .asString())
                    .isEqualTo("swordfish");
            for (var table : List.of("metadata", "metadata_history", "webhook_event", "metadata_index")) {
                assertThat(texts(server, "SELECT t::text FROM " + table + " t"))
                        .isNotEmpty()
                        .noneMatch(row -> row.contains("swordfish"));
            }
            assertThat(server.raw()
                            .get("/connections?metadata[secret.word]=swordfish")
                            .json()
                            .path("connections")
                            .size())
                    .isEqualTo(1);
            var history = server.raw()
                    .get("/connections/c1/metadata/history/2?provider_config_key=crm")
                    .text();
            assertThat(history).contains("swordfish").contains("\"op\":\"add\",\"path\":\"/secret\"");

            change(server, "{\"metadata_encryption\":false}");
            server.client().updateMetadata(C1, Map.of("open", true));
            assertThat(texts(server, "SELECT body::text FROM metadata"))
                    .containsExactly("{\"secret\":{\"word\":\"swordfish\"},\"open\":true}");
        }
    }

    @Test
    void connections_are_found_by_declared_paths_only() {
        try (var server = server()) {
            connect(server, "c2");
            server.client().setMetadata(C1, Map.of("email", "a@b.c", "plan", Map.of("id", 7)));
            server.client().setMetadata(new ConnectionRef("crm", "c2"), Map.of("email", "a@b.c", "plan", Map.of()));
            var byEmail = "/connections?metadata[email]=a%40b.c";

            var undeclared = server.raw().get(byEmail);
            assertThat(undeclared.status()).isEqualTo(400);
            assertThat(undeclared.code()).isEqualTo("invalid_query_params");
            assertThat(undeclared.text()).contains("metadata_index").contains("email");

            var shown = server.client().updateIntegration("crm", Map.of("metadata_index", List.of("email", "plan.id")));
            assertThat(shown.path("metadata_index").toString()).isEqualTo("[\"email\",\"plan.id\"]");

            assertThat(ids(server, byEmail)).containsExactly("c2", "c1");
            assertThat(ids(server, byEmail + "&metadata[plan.id]=7")).containsExactly("c1");
            assertThat(ids(server, byEmail + "&metadata[plan.id]=8")).isEmpty();
            assertThat(ids(server, byEmail + "&integrationId=crm&limit=1")).containsExactly("c2");

            server.client().updateMetadata(C1, Map.of("email", "new"));
            assertThat(ids(server, byEmail)).containsExactly("c2");
            assertThat(ids(server, "/connections?metadata[email]=new")).containsExactly("c1");

            server.client().updateIntegration("crm", Map.of("metadata_index", List.of("email")));
            assertThat(server.raw().get("/connections?metadata[plan.id]=7").status())
                    .isEqualTo(400);
            server.client().deleteConnection(C1);
            assertThat(ids(server, "/connections?metadata[email]=new")).isEmpty();
        }
    }

    @Test
    void an_index_declared_while_metadata_is_written_misses_nothing() throws Exception {
        try (var server = server();
                var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var connections = 12;
            for (int i = 0; i < connections; i++) {
                connect(server, "w" + i);
            }
            var writing = new ArrayList<java.util.concurrent.Future<?>>();
            var started = new java.util.concurrent.CountDownLatch(connections);
            for (int i = 0; i < connections; i++) {
                var ref = new ConnectionRef("crm", "w" + i);
                writing.add(threads.submit(() -> {
                    for (int n = 0; n < 15; n++) {
                        server.client().updateMetadata(ref, Map.of("n", ref.connection() + "-" + n));
                        started.countDown();
                    }
                }));
            }
            await().until(() -> started.getCount() == 0);

            server.client().updateIntegration("crm", Map.of("metadata_index", List.of("n")));
            for (var writer : writing) {
                writer.get();
            }

            for (int i = 0; i < connections; i++) {
                assertThat(ids(server, "/connections?metadata[n]=w" + i + "-14"))
                        .containsExactly("w" + i);
                assertThat(ids(server, "/connections?metadata[n]=w" + i + "-13"))
                        .isEmpty();
            }
        }
    }

    private static List<String> ids(TestServer server, String query) {
        var reply = server.raw().get(query);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json()
                .path("connections")
                .valueStream()
                .map(c -> c.path("connection_id").asString())
                .toList();
    }
}
