package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.StalledApi;
import dev.millrace.server.testkit.StalledApi.Answer;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cancelling a run reaches it whatever it waits for. */
@Tag("slow")
@Timeout(300)
class CancelTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    /** A statement of this kind on the table waits before it touches a row. */
    private static final String HOLD = """
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
            CREATE TRIGGER hold BEFORE %s EXECUTE FUNCTION hold();
            SELECT pg_advisory_lock(1);
            """;

    private static final String LET_GO = "SELECT pg_advisory_unlock(1); DROP FUNCTION hold CASCADE";

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static Scripts scripts;

    @BeforeAll
    static void deploy() {
        scripts = Scripts.onNew(server.client()).sync("stuck", """
                const config = { endpoint: '/items', baseUrlOverride: (await nango.getMetadata()).mock, retries: 3,
                  paginate: { type: 'cursor', cursor_name_in_request: 'c', cursor_path_in_response: 'next',
                    response_path: 'items' } };
                await nango.tryAcquireLock({ key: 'held', ttlMs: 60000 });
                try {
                  for await (const page of nango.paginate(config)) await nango.batchSave(page, 'Item');
                } finally {
                  // Too late: it has been cancelled, and the next call says so.
                  await nango.batchSave([{ id: 'late' }], 'Item');
                }
                """);
        scripts.webhook("hooked", List.of("*"), """
                const { mock } = await nango.getMetadata();
                await nango.get({ endpoint: '/items', baseUrlOverride: mock, retries: 0 });
                """);
        scripts.deploy();
    }

    @ParameterizedTest
    @EnumSource(Answer.class)
    void a_reset_or_a_deletion_ends_a_run_that_waits_for_its_provider(Answer answer) throws IOException {
        try (var api = new StalledApi(answer)) {
            var connection = scripts.connect(answer.name(), Map.of("type", "NONE"), Map.of("mock", api.url()));
            server.client().triggerSync(connection, List.of("stuck"));
            await().atMost(LONGEST_WAIT).until(() -> api.asked() == 1);

            reset(server.raw(), answer);

            await().atMost(LONGEST_WAIT).until(() -> api.asked() == 2);
            assertThat(statuses(answer)).containsExactly("running", "cancelled");

            server.client().deleteConnection(connection);
            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() -> assertThat(statuses(answer)).containsExactly("cancelled", "cancelled"));
            if (answer != Answer.COME_BACK_LATER) {
                await().atMost(LONGEST_WAIT).until(() -> api.givenUp() == 2);
            }
        }
    }

    @Test
    void a_deletion_reaches_the_process_in_which_the_run_is() throws IOException {
        try (var api = new StalledApi(Answer.HALF_A_BODY)) {
            var connection = scripts.connect("elsewhere", Map.of("type", "NONE"), Map.of("mock", api.url()));
            server.client().triggerSync(connection, List.of("stuck"));
            await().atMost(LONGEST_WAIT).until(() -> api.asked() == 1);

            // The run began before there was another process.
            try (var peer = server.startPeer()) {
                peer.client().deleteConnection(connection);

                await().atMost(LONGEST_WAIT).until(() -> api.givenUp() == 1);
                await().atMost(LONGEST_WAIT).until(() -> statuses("elsewhere").equals(List.of("cancelled")));
            }
        }
    }

    @Test
    void a_reset_elsewhere_reaches_a_run_that_is_about_to_begin() throws Exception {
        try (var api = new StalledApi(Answer.HALF_A_BODY);
                var db = DriverManager.getConnection(server.databaseUrl());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var connection = scripts.connect("early", Map.of("type", "NONE"), Map.of("mock", api.url()));
            db.createStatement().execute(HOLD.formatted("INSERT ON run"));
            server.client().triggerSync(connection, List.of("stuck"));
            await().atMost(LONGEST_WAIT).until(() -> waiting(db, "%INSERT INTO run %"));
            try (var peer = server.startPeer()) {
                var reset = threads.submit(() -> reset(peer.raw(), "early"));
                await().atMost(LONGEST_WAIT).until(() -> reset.isDone() || waiting(db, "%FROM sync%FOR UPDATE%"));
                db.createStatement().execute(LET_GO);

                await().atMost(LONGEST_WAIT).until(() -> statuses("early").equals(List.of("running", "cancelled")));
                server.client().deleteConnection(connection);
            }
        }
    }

    @Test
    void a_deletion_ends_a_run_of_the_webhook_function() throws Exception {
        try (var api = new StalledApi(Answer.HALF_A_BODY)) {
            var connection = scripts.connect("hook", Map.of("type", "NONE"), Map.of("mock", api.url()));
            var environment = TestDatabase.rows(server.databaseUrl(), "SELECT uuid FROM environment WHERE name = 'dev'")
                    .getFirst();
            var webhook = server.raw()
                    .post("/webhook/" + environment + "/crm", "{\"type\": \"t\", \"connectionId\": \"hook\"}");
            assertThat(webhook.status()).as(webhook.text()).isEqualTo(200);
            await().atMost(LONGEST_WAIT).until(() -> api.asked() == 1);

            server.client().deleteConnection(connection);

            await().atMost(LONGEST_WAIT).until(() -> api.givenUp() == 1);
            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() -> assertThat(TestDatabase.rows(
                                    server.databaseUrl(), "SELECT state || ' ' || error FROM inbound_run"))
                            .containsExactly("failed The sync was deleted"));
        }
    }

    @Test
    void a_run_whose_end_is_being_written_is_not_disturbed() throws Exception {
        try (var api = new StalledApi(Answer.HALF_A_BODY);
                var db = DriverManager.getConnection(server.databaseUrl())) {
            var connection = scripts.connect("twice", Map.of("type", "NONE"), Map.of("mock", api.url()));
            server.client().triggerSync(connection, List.of("stuck"));
            await().atMost(LONGEST_WAIT).until(() -> api.asked() == 1);

            // It gives its lock back before it writes down its end.
            db.createStatement().execute(HOLD.formatted("DELETE ON function_lock"));
            reset(server.raw(), "twice");
            await().atMost(LONGEST_WAIT).until(() -> waiting(db, "DELETE FROM function_lock%"));
            reset(server.raw(), "twice");
            server.client().deleteConnection(connection);
            db.createStatement().execute(LET_GO);

            await().atMost(LONGEST_WAIT).until(() -> statuses("twice").equals(List.of("cancelled")));
            assertThat(runs(db, "twice")).containsExactly("STOPPED");
        }
    }

    @Test
    void a_run_that_waits_for_the_database_is_cancelled_and_not_broken_off() throws Exception {
        try (var api = new StalledApi(Answer.HALF_A_BODY);
                var db = DriverManager.getConnection(server.databaseUrl())) {
            db.createStatement().execute(HOLD.formatted("INSERT ON function_lock"));
            var connection = scripts.connect("locking", Map.of("type", "NONE"), Map.of("mock", api.url()));
            server.client().triggerSync(connection, List.of("stuck"));
            await().atMost(LONGEST_WAIT).until(() -> waiting(db, "INSERT INTO function_lock%"));

            reset(server.raw(), "locking");

            await().atMost(LONGEST_WAIT)
                    .until(() -> statuses("locking").size() == 2 && waiting(db, "INSERT INTO function_lock%"));
            db.createStatement().execute(LET_GO);
            await().atMost(LONGEST_WAIT).until(() -> api.asked() == 1);
            assertThat(statuses("locking")).containsExactly("running", "cancelled");
            server.client().deleteConnection(connection);
        }
    }

    private static boolean waiting(Connection db, String query) throws SQLException {
        try (var rows = db.createStatement()
                .executeQuery(
                        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '" + query + "'")) {
            return rows.next();
        }
    }

    private static List<String> runs(Connection db, String connection) throws SQLException {
        try (var rows = db.createStatement()
                .executeQuery("SELECT r.status FROM run r JOIN connection c ON c.id = r.connection_id"
                        + " WHERE c.connection_id = '" + connection + "'")) {
            var found = new ArrayList<String>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    private static void reset(RawClient server, Object connection) {
        var reset = server.post(
                "/sync/trigger",
                "{\"syncs\": [\"stuck\"], \"provider_config_key\": \"crm\", \"connection_id\": \"" + connection
                        + "\", \"opts\": {\"reset\": true}}");
        assertThat(reset.status()).isEqualTo(200);
    }

    private static List<String> statuses(Object connection) {
        var reply = server.raw().get("/logs/operations?connection_id=" + connection);
        return reply.json()
                .path("data")
                .valueStream()
                .map(o -> o.path("status").asString())
                .toList();
    }
}
