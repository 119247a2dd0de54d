package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sync saves may still be written while it reads on, and is durable before anyone can learn of it. */
@Tag("slow")
@Timeout(300)
class SaveOverlapTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    /** A trigger that runs before each insert of a record. */
    private static final String BEFORE_A_RECORD = """
            CREATE FUNCTION before_a_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; RETURN NULL; END $$;
            CREATE TRIGGER before_a_record BEFORE INSERT ON record EXECUTE FUNCTION before_a_record();
            """;

    private static final String WAIT = BEFORE_A_RECORD.formatted("PERFORM pg_advisory_xact_lock(1)");
    private static final String FAIL = BEFORE_A_RECORD.formatted("RAISE EXCEPTION 'the disk is full'");

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final ScriptedApi api = new ScriptedApi();
    private static Scripts scripts;
    private static Connection db;

    @BeforeAll
    static void deploy() throws SQLException {
        db = DriverManager.getConnection(server.databaseUrl());
        scripts = Scripts.onNew(server.client()).sync("overlapping", """
                const { mock, barrier } = await nango.getMetadata();
                const call = (method, path) =>
                  nango[method]({ endpoint: path, baseUrlOverride: mock, retries: 0, data: method === 'get' ? undefined : {} });
                const barriers = {
                  post: () => call('post', '/posted'),
                  checkpoint: () => nango.saveCheckpoint({ page: 1 }),
                  read: () => nango.getRecordsByIds(['one'], 'Item'),
                  delete: () => nango.batchDelete([{ id: 'none' }], 'Item'),
                  metadata: () => nango.updateMetadata({ seen: 1 }),
                  unlock: () => nango.releaseLock({ key: 'mine' }),
                  save: () => nango.batchSave([{ id: 'two' }], 'Item'),
                  none: async () => {},
                };
                await nango.batchSave([{ id: 'one' }], 'Item');
                await call('get', '/between');
                try {
                  await barriers[barrier]();
                } catch (e) {
                  await call('get', '/caught');
                }
                if (barrier !== 'none') await call('get', '/after');
                """);
        scripts.deploy();
    }

    @AfterEach
    void let_go() throws SQLException {
        execute("SELECT pg_advisory_unlock_all(); DROP FUNCTION IF EXISTS before_a_record CASCADE");
    }

    @AfterAll
    static void close() throws SQLException {
        db.close();
        api.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"post", "checkpoint", "read", "delete", "metadata", "unlock", "save", "none"})
    void reading_goes_on_while_records_are_written_and_what_shows_them_waits(String barrier) throws Exception {
        api.answers(_ -> ScriptedApi.Given.json(200, "{}"));
        execute(WAIT + "SELECT pg_advisory_lock(1)");
        var connection = connect(barrier, barrier);

        server.client().triggerSync(connection, List.of("overlapping"));
        await().atMost(LONGEST_WAIT).until(() -> waiting() && asked().contains("/between"));

        await().during(Duration.ofMillis(300)).atMost(LONGEST_WAIT).until(() -> asked().equals(List.of("/between")));
        assertThat(status(connection)).isEqualTo("running");
        let_go();
        await().atMost(LONGEST_WAIT).until(() -> status(connection).equals("success"));
        assertThat(asked()).doesNotContain("/caught");
        assertThat(asked().contains("/after")).isEqualTo(!barrier.equals("none"));
        var records = server.raw()
                .get("/records?model=Item", headers(connection))
                .json()
                .path("records");
        assertThat(records.valueStream().map(record -> record.path("id").asString()))
                .containsExactlyElementsOf(barrier.equals("save") ? List.of("one", "two") : List.of("one"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint", "post", "save", "none"})
    void a_save_that_fails_is_told_at_once_and_fails_the_run_even_when_that_is_caught(String barrier) throws Exception {
        api.answers(_ -> ScriptedApi.Given.json(200, "{}"));
        execute(FAIL);
        var connection = connect("failing-" + barrier, barrier);

        server.client().triggerSync(connection, List.of("overlapping"));
        await().atMost(LONGEST_WAIT).until(() -> status(connection).equals("failed"));

        assertThat(asked()).doesNotContain("/posted");
        assertThat(asked().contains("/caught")).isEqualTo(!barrier.equals("none"));
        assertThat(server.client()
                        .syncStatus(connection, List.of("overlapping"))
                        .getFirst()
                        .toString())
                .doesNotContain("page");
        let_go();
        server.client().triggerSync(connection, List.of("overlapping"));
        await().atMost(LONGEST_WAIT).until(() -> status(connection).equals("success"));
    }

    private static ConnectionRef connect(String id, String barrier) {
        return scripts.connect(id, Map.of("type", "NONE"), Map.of("mock", api.url(), "barrier", barrier));
    }

    private static Map<String, String> headers(ConnectionRef connection) {
        return Map.of("Provider-Config-Key", "crm", "Connection-Id", connection.connection());
    }

    private static List<String> asked() {
        return api.asked().stream().map(ScriptedApi.Asked::path).toList();
    }

    private static void execute(String sql) throws SQLException {
        try (var statement = db.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean waiting() throws SQLException {
        try (var statement = db.createStatement();
                var rows = statement.executeQuery(
                        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'")) {
            return rows.next();
        }
    }

    /** Of the newest run. */
    private static String status(ConnectionRef connection) {
        return server.raw()
                .get("/logs/operations?connection_id=" + connection.connection())
                .json()
                .path("data")
                .path(0)
                .path("status")
                .asString("");
    }
}
