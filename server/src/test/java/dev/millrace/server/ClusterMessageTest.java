package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.StoreServer;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is told one server reaches the other one, on which the sync runs. */
@Tag("slow")
@Timeout(300)
class ClusterMessageTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final Duration STEP = Duration.ofMillis(20);

    private static final Path FOLDER = TestFolder.create("messages");
    private static final String DATABASE = TestDatabase.freshUrl();
    private static final ScriptedApi API = new ScriptedApi();
    private static ServerProcess runner;

    private final CountDownLatch gate = new CountDownLatch(1);

    @BeforeAll
    static void start() throws Exception {
        runner = ServerProcess.start(FOLDER.resolve("a"), DATABASE);
        Scripts.onNew(runner.client()).sync("waits", """
                const { api } = await nango.getMetadata();
                await nango.saveCheckpoint({ page: 1 });
                await nango.get({ endpoint: `/${nango.connectionId}/${nango.syncJobId}`, baseUrlOverride: api, retries: 0 });
                """).deploy();
        StoreServer.shareKeys(FOLDER.resolve("a"), FOLDER.resolve("b"));
    }

    @AfterAll
    static void stop() {
        API.close();
        runner.close();
        TestFolder.delete(FOLDER);
    }

    /** A connection whose sync runs on the first server and waits for its provider; the other server is started then. */
    private ServerProcess running(String... ids) throws Exception {
        API.answers(_ -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Given.json(200, "{}");
        });
        for (var id : ids) {
            runner.client()
                    .importConnection(Map.of(
                            "provider_config_key",
                            "crm",
                            "connection_id",
                            id,
                            "credentials",
                            Map.of("type", "NONE"),
                            "metadata",
                            Map.of("api", API.url())));
            runner.client().triggerSync(new ConnectionRef("crm", id), List.of("waits"));
        }
        // Runs of the test before may still be asking.
        await().atMost(LONGEST_WAIT)
                .until(() -> Arrays.stream(ids).noneMatch(id -> asked(id).isEmpty()));
        return ServerProcess.start(FOLDER.resolve("b"), DATABASE);
    }

    /** How long it takes until this has come true. */
    private static Duration until(Callable<Boolean> condition) {
        long began = System.nanoTime();
        await().atMost(LONGEST_WAIT).pollInterval(STEP).pollDelay(Duration.ZERO).until(condition);
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static List<String> statuses(String connection) {
        return rows("SELECT r.status || coalesce(' ' || (r.error ->> 'type'), '') FROM run r"
                + " JOIN connection c ON c.id = r.connection_id WHERE c.connection_id = '" + connection
                + "' ORDER BY r.id");
    }

    private static List<String> rows(String sql) {
        return TestDatabase.rows(DATABASE, sql);
    }

    private static void command(ServerProcess told, String path, String id, String more) {
        var reply = told.raw()
                .post(
                        path,
                        "{\"syncs\":[\"waits\"],\"provider_config_key\":\"crm\",\"connection_id\":\"" + id + "\"" + more
                                + "}");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    private static List<String> asked(String id) {
        return API.asked().stream()
                .map(Asked::path)
                .filter(path -> path.startsWith("/" + id + "/"))
                .toList();
    }

    private static boolean isCancelled(String id) {
        return statuses(id).getFirst().equals("STOPPED script_aborted");
    }

    @Test
    void resets_deletions_and_changes_of_metadata_end_the_run() throws Exception {
        var settings = runner.raw().patch("/environment/settings", "{\"metadata_change_policy\":\"restart\"}");
        assertThat(settings.status()).as(settings.toString()).isEqualTo(200);
        var measured = new ArrayList<String>();
        try (var told = running("reset", "deleted", "changed", "lost")) {
            command(told, "/sync/trigger", "reset", ",\"opts\":{\"reset\":true}");
            measured.add("reset " + until(() -> isCancelled("reset")));
            // The run that follows begins after the end of the one before it.
            await().atMost(LONGEST_WAIT).until(() -> asked("reset").size() == 2);
            assertThat(statuses("reset")).containsExactly("STOPPED script_aborted", "RUNNING");

            assertThat(told.raw()
                            .send("DELETE", "/connections/deleted?provider_config_key=crm", "")
                            .status())
                    .isEqualTo(200);
            measured.add("deletion " + until(() -> isCancelled("deleted")));

            var changed = told.raw()
                    .patch(
                            "/connections/metadata",
                            "{\"provider_config_key\":\"crm\",\"connection_id\":\"changed\",\"metadata\":{\"more\":1}}");
            assertThat(changed.status()).as(changed.toString()).isEqualTo(200);
            measured.add("metadata " + until(() -> isCancelled("changed")));
            await().atMost(LONGEST_WAIT).until(() -> asked("changed").size() == 2);

            // A message that nobody hears is made up for.
            rows("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND query LIKE 'LISTEN%'");
            command(told, "/sync/trigger", "lost", ",\"opts\":{\"reset\":true}");
            measured.add("with a lost message " + until(() -> isCancelled("lost")));
            System.out.println("Reaches the other server after: " + String.join(", ", measured));
        } finally {
            gate.countDown();
        }
    }

    @Test
    void a_pause_lets_the_run_end_and_no_other_begin_until_the_sync_is_started() throws Exception {
        try (var told = running("paused")) {
            command(told, "/sync/start", "paused", "");
            command(told, "/sync/pause", "paused", "");
            gate.countDown();
            await().atMost(LONGEST_WAIT).until(() -> statuses("paused").equals(List.of("SUCCESS")));
            await().atMost(LONGEST_WAIT)
                    .until(() -> rows("SELECT task_instance FROM scheduled_tasks WHERE task_name = 'sync'")
                            .isEmpty());
            assertThat(asked("paused")).hasSize(1);

            command(told, "/sync/start", "paused", "");
            var started = until(() -> asked("paused").size() == 2);
            System.out.println("A start at another server begins a run after " + started);
            await().atMost(LONGEST_WAIT).until(() -> statuses("paused").equals(List.of("SUCCESS", "SUCCESS")));
        } finally {
            gate.countDown();
        }
    }
}
