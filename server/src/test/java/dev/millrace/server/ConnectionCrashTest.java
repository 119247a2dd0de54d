package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.EventFunctions;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.StoreServer;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that are created, replaced and deleted by a server that dies while their functions run. */
@Tag("slow")
@Timeout(300)
class ConnectionCrashTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    /** It tells its provider before it does anything. */
    private static final String TOLD = """
            const { api, refuse } = await nango.getMetadata();
            const told = async (what) => nango.get({ endpoint: `/${what}/${nango.connectionId}`, baseUrlOverride: api, retries: 0 });
            """;

    private final Path folder = TestFolder.create("connection-crash");
    private final String database = TestDatabase.freshUrl();
    private final ScriptedApi api = new ScriptedApi();
    private final CountDownLatch gate = new CountDownLatch(1);

    /** From now on the provider answers nothing before the gate is opened. */
    private void hold() {
        api.answers(_ -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Given.json(200, "{}");
        });
    }

    @AfterEach
    void stop() {
        gate.countDown();
        api.close();
        TestFolder.delete(folder);
    }

    private ServerProcess start(String name) throws Exception {
        return ServerProcess.start(folder.resolve(name), database);
    }

    private static void deploy(ServerProcess server) {
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        new EventFunctions()
                .on("validate-connection", "validate", TOLD + """
                        await told('validate');
                        if (refuse) throw new nango.ActionError('not good');
                        """)
                .on("pre-connection-deletion", "clean-up", TOLD + "await told('delete');")
                .deploy(
                        server.client(),
                        List.of(Deployment.sync("idle", List.of("Item"), Deployment.code("contacts"))));
    }

    private String body(String id, boolean refuse) {
        return RawClient.JSON.writeValueAsString(Map.of(
                "provider_config_key",
                "crm",
                "connection_id",
                id,
                "credentials",
                Map.of("type", "NONE"),
                "metadata",
                Map.of("api", api.url(), "refuse", refuse)));
    }

    private List<String> told(String id) {
        return api.asked().stream()
                .map(ScriptedApi.Asked::path)
                .filter(path -> path.endsWith("/" + id))
                .toList();
    }

    private List<String> rows(String sql) {
        return TestDatabase.rows(database, sql);
    }

    private void awaitNothingLeft() {
        await().atMost(LONGEST_WAIT).untilAsserted(() -> {
            assertThat(rows("SELECT id FROM run WHERE status = 'RUNNING'")).isEmpty();
            assertThat(rows("SELECT id FROM operation WHERE status = 'running'"))
                    .isEmpty();
            assertThat(
                            rows(
                                    "SELECT task_name FROM scheduled_tasks WHERE task_name LIKE 'connection-%' AND task_instance <> 'all'"))
                    .isEmpty();
        });
    }

    @Test
    void another_server_completes_what_a_killed_one_has_begun() throws Exception {
        try (var first = start("a");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            deploy(first);
            for (var id : List.of("replaced", "leaving")) {
                assertThat(first.raw().post("/connections", body(id, false)).status())
                        .isEqualTo(201);
            }
            hold();
            var requests = List.of(
                    threads.submit(() -> send(first.raw(), "POST", "/connections", body("good", false))),
                    threads.submit(() -> send(first.raw(), "POST", "/connections", body("bad", true))),
                    threads.submit(() -> send(first.raw(), "POST", "/connections", body("replaced", true))),
                    threads.submit(
                            () -> send(first.raw(), "DELETE", "/connections/leaving?provider_config_key=crm", "")));
            await().atMost(LONGEST_WAIT).until(() -> api.asked().size() == requests.size());
            StoreServer.shareKeys(folder.resolve("a"), folder.resolve("b"));
            try (var second = start("b")) {
                first.kill();
                for (var request : requests) {
                    request.get();
                }
                await().atMost(LONGEST_WAIT).until(() -> api.asked().size() == 2 * requests.size());
                gate.countDown();

                awaitNothingLeft();
                assertThat(rows("SELECT connection_id FROM connection WHERE deleted_at IS NULL ORDER BY 1"))
                        .containsExactly("good", "replaced");
                assertThat(rows("SELECT c.connection_id FROM sync s JOIN connection c ON c.id = s.connection_id"
                                + " WHERE s.deleted_at IS NULL ORDER BY 1"))
                        .containsExactly("good", "replaced");
                assertThat(List.of("good", "bad", "replaced", "leaving"))
                        .allSatisfy(id -> assertThat(told(id)).hasSize(2));
                assertThat(second.raw()
                                .get("/connections/leaving?provider_config_key=crm")
                                .status())
                        .isEqualTo(404);
            }
        }
    }

    /** Its answer does not matter: mostly there is none. */
    private static void send(RawClient client, String method, String path, String body) {
        try {
            client.send(method, path, body);
        } catch (UncheckedIOException _) {
            // The server was killed.
            return;
        }
    }

    @Test
    void a_deletion_is_completed_once_when_two_ask_for_it_and_one_of_them_leaves() throws Exception {
        try (var server = start("a");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            deploy(server);
            server.raw().post("/connections", body("leaving", false));
            hold();
            try (var impatient = HttpClient.newHttpClient()) {
                var request = HttpRequest.newBuilder(
                                server.url().resolve("/connections/leaving?provider_config_key=crm"))
                        .header("Authorization", "Bearer " + server.key())
                        .timeout(Duration.ofSeconds(2))
                        .DELETE()
                        .build();
                assertThatThrownBy(() -> impatient.send(request, BodyHandlers.discarding()))
                        .isInstanceOf(HttpTimeoutException.class);
            }
            var patient = threads.submit(
                    () -> server.raw().send("DELETE", "/connections/leaving?provider_config_key=crm", ""));
            gate.countDown();

            // On a busy machine it may ask when the deletion has ended.
            assertThat(patient.get().status()).isIn(200, 400);
            awaitNothingLeft();
            assertThat(told("leaving")).containsExactly("/delete/leaving");
            assertThat(rows("SELECT status FROM operation WHERE function = 'clean-up'"))
                    .containsExactly("success");
        }
    }
}
