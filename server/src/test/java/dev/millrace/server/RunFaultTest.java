package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The database fails at each change that belongs to a run: the run ends, and is not begun again for that reason. */
@Tag("slow")
@Timeout(600)
class RunFaultTest {
    /** Every change instead of some of them: {@code CONTRIBUTING.md} says how. */
    private static final boolean ALL = Boolean.getBoolean("millrace.faults.all");

    private static final int SOME = 6;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    /** Counts changed rows and fails at one of them, at once or at the commit; 0: it only counts. */
    private static final String INSTALL = """
            CREATE SEQUENCE fault_count;
            CREATE TABLE fault (at bigint, how text, moment text);
            INSERT INTO fault VALUES (0, '', 'BEFORE');
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE wanted fault;
            BEGIN
              SELECT * INTO wanted FROM fault;
              IF wanted.moment = TG_WHEN AND nextval('fault_count') = wanted.at THEN
                CASE wanted.how
                  WHEN 'refused' THEN RAISE EXCEPTION 'refused by the test';
                  WHEN 'disk full' THEN RAISE EXCEPTION 'no space' USING ERRCODE = '53100';
                  WHEN 'killed' THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(10);
                END CASE;
              END IF;
              IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
              RETURN NEW;
            END $$;
            DO $$
            DECLARE changed text;
            BEGIN
              FOREACH changed IN ARRAY ARRAY['run', 'sync', 'scheduled_tasks', 'operation', 'log_line', 'checkpoint', 'dataset',
                  'record', 'delete_tracking', 'function_lock', 'idempotent_call', 'async_action'] LOOP
                EXECUTE format('CREATE TRIGGER fail_now BEFORE INSERT OR UPDATE OR DELETE ON %I'
                  || ' FOR EACH ROW EXECUTE FUNCTION fail()', changed);
                EXECUTE format('CREATE CONSTRAINT TRIGGER fail_later AFTER INSERT OR UPDATE OR DELETE ON %I'
                  || ' DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()', changed);
              END LOOP;
            END $$;
            """;

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static int number;

    private final ScriptedApi api = new ScriptedApi();

    @BeforeAll
    static void deploy() {
        Scripts.onNew(server.client()).sync("steps", """
                        const { api } = await nango.getMetadata();
                        await nango.get({ endpoint: `/${nango.connectionId}`, baseUrlOverride: api, retries: 0 });
                        await nango.tryAcquireLock({ key: nango.connectionId, ttlMs: 60000 });
                        await nango.trackDeletesStart('Item');
                        await nango.batchSave([{ id: '1' }, { id: '2' }], 'Item');
                        await nango.saveCheckpoint({ page: 1 });
                        await nango.trackDeletesEnd('Item');
                        """).action("step", """
                        const { api } = await nango.getMetadata();
                        await nango.get({ endpoint: `/${nango.connectionId}`, baseUrlOverride: api, retries: 0 });
                        return 'done';
                        """).deploy();
        TestDatabase.execute(server.databaseUrl(), INSTALL);
    }

    /**
     * The pool trusts a session that it has used within the last half second. A session that a test before ended is
     * found to be broken only after that.
     */
    @BeforeEach
    void awaitWorkingSessions() {
        await().pollDelay(Duration.ofMillis(600))
                .until(() -> server.raw().get("/ready").status() == 200);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private String connect() {
        var id = "c" + ++number;
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "crm",
                        "connection_id",
                        id,
                        "credentials",
                        Map.of("type", "NONE"),
                        "metadata",
                        Map.of("api", api.url())));
        return id;
    }

    private static void failAt(long change, String how, String moment) {
        TestDatabase.execute(
                server.databaseUrl(),
                "UPDATE fault SET at = " + change + ", how = '" + how + "', moment = '" + moment + "'");
        rows("SELECT setval('fault_count', 1, false)::text");
    }

    private static List<String> rows(String sql) {
        return TestDatabase.rows(server.databaseUrl(), sql);
    }

    private static long changes() {
        return Long.parseLong(rows("SELECT last_value::text FROM fault_count").getFirst());
    }

    private long asked(String connection) {
        return api.asked().stream()
                .filter(asked -> asked.path().equals("/" + connection))
                .count();
    }

    private static void trigger(String connection) {
        var body = "{\"syncs\":[\"steps\"],\"provider_config_key\":\"crm\",\"connection_id\":\"" + connection + "\"}";
        var reply = server.raw().post("/sync/trigger", body);
        if (reply.status() != 200) {
            // The fault has met the request itself.
            assertThat(reply.status()).isIn(500, 503);
            assertThat(server.raw().post("/sync/trigger", body).status()).isEqualTo(200);
        }
    }

    private static List<String> texts(String sql, String connection) {
        return rows(sql.replace(":connection", "'" + connection + "'"));
    }

    /** Whatever of it was begun has ended, by each of the records that tell of it. */
    private static void awaitEnd(String connection, String described) {
        await().alias(described).atMost(LONGEST_WAIT).untilAsserted(() -> {
            assertThat(texts(
                            "SELECT r.id::text FROM run r JOIN connection c ON c.id = r.connection_id"
                                    + " WHERE r.status = 'RUNNING' AND c.connection_id = :connection",
                            connection))
                    .isEmpty();
            assertThat(texts(
                            "SELECT id::text FROM operation WHERE status = 'running' AND connection = :connection",
                            connection))
                    .isEmpty();
            assertThat(texts(
                            "SELECT t.task_instance FROM scheduled_tasks t JOIN sync s ON s.id::text = t.task_instance"
                                    + " JOIN connection c ON c.id = s.connection_id"
                                    + " WHERE (t.picked OR t.execution_time < now()) AND c.connection_id = :connection",
                            connection))
                    .isEmpty();
        });
    }

    @ParameterizedTest
    @CsvSource({"refused, BEFORE", "refused, AFTER", "disk full, BEFORE", "killed, BEFORE", "killed, AFTER"})
    void a_sync_ends_wherever_the_database_fails(String how, String moment) {
        var undisturbed = connect();
        failAt(0, how, moment);
        trigger(undisturbed);
        awaitEnd(undisturbed, "undisturbed");
        long changes = changes();
        assertThat(changes).isGreaterThan(15);

        for (long at = 1L + number % 2; at <= changes; at += ALL ? 1 : Math.max(1, changes / SOME)) {
            var described = how + ' ' + moment + " change " + at + " of " + changes;
            var connection = connect();
            failAt(at, how, moment);
            trigger(connection);
            awaitEnd(connection, described);
            failAt(0, how, moment);

            // What was refused would be so again; what the database lost is done by another run.
            assertThat(asked(connection)).as(described).isLessThanOrEqualTo(how.equals("refused") ? 1 : 2);
            trigger(connection);
            awaitEnd(connection, described);
            assertThat(texts(
                            "SELECT r.status FROM run r JOIN connection c ON c.id = r.connection_id"
                                    + " WHERE c.connection_id = :connection ORDER BY r.id DESC LIMIT 1",
                            connection))
                    .as(described)
                    .containsExactly("SUCCESS");
        }
    }

    @ParameterizedTest
    @CsvSource({"refused, BEFORE", "refused, AFTER", "disk full, BEFORE", "killed, BEFORE", "killed, AFTER"})
    void an_action_ends_and_its_caller_gets_an_answer_wherever_the_database_fails(String how, String moment) {
        var body = "{\"action_name\":\"step\"}";
        var undisturbed = connect();
        failAt(0, how, moment);
        assertThat(ProbeAction.call(server.raw(), undisturbed, body, "Idempotency-Key", undisturbed)
                        .status())
                .isEqualTo(200);
        awaitEnd(undisturbed, "undisturbed");
        long changes = changes();

        for (long at = 1; at <= changes; at++) {
            var described = how + ' ' + moment + " change " + at + " of " + changes;
            var connection = connect();
            failAt(at, how, moment);
            var reply = ProbeAction.call(server.raw(), connection, body, "Idempotency-Key", connection);
            awaitEnd(connection, described + ' ' + reply);
            failAt(0, how, moment);

            assertThat(reply.status()).as(described).isIn(200, 500, 503);
            var again = ProbeAction.call(server.raw(), connection, body, "Idempotency-Key", connection);
            assertThat(again.status()).as(described).isIn(200, 500, 503);
            assertThat(asked(connection)).as(described).isLessThanOrEqualTo(1);
            awaitEnd(connection, described);
        }
    }

    /** At no particular statement, reading ones among them. */
    @Test
    void whenever_its_sessions_are_ended_every_run_ends() throws Exception {
        failAt(0, "", "BEFORE");
        var random = RandomGenerator.getDefault();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < (ALL ? 40 : 5); round++) {
                awaitWorkingSessions();
                var connection = connect();
                trigger(connection);
                var action =
                        threads.submit(() -> ProbeAction.call(server.raw(), connection, "{\"action_name\":\"step\"}"));
                for (int i = 0; i < 3; i++) {
                    await().pollDelay(Duration.ofMillis(random.nextLong(5, 120)))
                            .until(() -> true);
                    rows("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity"
                            + " WHERE datname = current_database() AND application_name = 'millrace'");
                }

                assertThat(action.get().status()).isIn(200, 500, 503);
                awaitEnd(connection, "round " + round);
            }
        }
    }
}
