package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.TestServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What became of runs is known for 31 days; the last ones of a sync stay. */
@Tag("slow")
@Timeout(300)
class RunRetentionTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    /** That many days ago and more of each than one round removes: of the sync, by a webhook of it, and of an action. */
    private static final String PAST = """
            INSERT INTO run (operation, environment_id, connection_id, function_id, sync_id, kind, type, status, started_at,
                   updated_at, finished_at)
            SELECT gen_random_uuid(), r.environment_id, r.connection_id, r.function_id,
                   CASE k.kind WHEN 'action' THEN NULL ELSE r.sync_id END, k.kind, 'FULL', 'SUCCESS', at, at, at
              FROM (SELECT * FROM run ORDER BY id LIMIT 1) r, unnest(ARRAY[%s]) AS days, generate_series(1, 1500),
                   unnest(ARRAY['sync', 'webhook', 'action']) AS k (kind), LATERAL (SELECT now() - days * interval '1 day') AS t (at)
             ORDER BY days DESC
            """;

    private static final String LEFT = """
            SELECT kind || ' ' || extract(day FROM now() - updated_at) || ' ' || count(*)
              FROM run GROUP BY kind, extract(day FROM now() - updated_at) ORDER BY 1
            """;

    @Test
    void a_deleted_sync_and_its_runs_stay_for_a_day() throws Exception {
        try (var mock = new MockApi();
                var server = TestServer.start()) {
            ContactSync.deploy(server.client());
            for (var id : List.of("young", "old")) {
                var connection = ContactSync.connect(server.client(), id, mock);
                ContactSync.trigger(server.client(), connection);
                ContactSync.awaitEnd(server.client(), connection);
                server.client().deleteConnection(connection);
            }
            update(server, "UPDATE run SET updated_at = now() - interval '25 hours'");
            update(
                    server,
                    "UPDATE sync SET deleted_at = now() - interval '25 hours' FROM connection c"
                            + " WHERE c.id = sync.connection_id AND c.connection_id = 'old'");

            server.restart();

            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() -> assertThat(texts(
                                    server,
                                    "SELECT c.connection_id FROM run r JOIN connection c ON c.id = r.connection_id"))
                            .containsExactly("young"));
            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() -> assertThat(texts(
                                    server,
                                    "SELECT c.connection_id FROM sync s JOIN connection c ON c.id = s.connection_id"))
                            .containsExactly("young"));
        }
    }

    @Test
    void runs_of_lost_servers_end() throws Exception {
        try (var server = TestServer.start()) {
            ProbeAction.deploy(server.client());
            ProbeAction.connect(server.client(), "c1");
            ProbeAction.trigger(server.raw(), "c1", "{\"do\": \"answer\", \"value\": 1}");
            update(server, "UPDATE run SET status = 'RUNNING', process = gen_random_uuid()");

            server.restart();

            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() ->
                            assertThat(texts(server, "SELECT status FROM run")).containsExactly("STOPPED"));
        }
    }

    @Test
    void old_runs_go_and_the_last_two_of_a_sync_stay() throws Exception {
        try (var mock = new MockApi();
                var server = TestServer.start()) {
            ContactSync.deploy(server.client());
            var connection = ContactSync.connect(server.client(), "c1", mock);
            ContactSync.trigger(server.client(), connection);
            ContactSync.awaitEnd(server.client(), connection);
            update(
                    server,
                    "UPDATE run SET started_at = now() - interval '90 days', updated_at = now() - interval '90 days'");
            update(server, PAST.formatted("40, 33"));

            // Old runs are looked for when a server starts, and every hour; two servers at a time do not get into each
            // other's way.
            server.restart();
            try (var peer = server.startPeer()) {
                await().atMost(LONGEST_WAIT)
                        .untilAsserted(() -> assertThat(texts(server, LEFT))
                                .contains("sync 33 2", "webhook 33 2")
                                .noneMatch(text -> text.startsWith("action")));
                assertThat(texts(peer, "SELECT count(*)::text FROM run WHERE kind = 'sync'"))
                        .containsExactly("2");
            }
            assertThat(status(server, connection)).isEqualTo("SUCCESS");

            update(server, PAST.formatted("40, 30, 1"));
            server.restart();

            await().atMost(LONGEST_WAIT)
                    .untilAsserted(() -> assertThat(texts(server, LEFT))
                            .containsExactly(
                                    "action 1 1500",
                                    "action 30 1500",
                                    "sync 1 1500",
                                    "sync 30 1500",
                                    "webhook 1 1500",
                                    "webhook 30 1500"));
        }
    }

    private static String status(TestServer server, ConnectionRef connection) {
        return server.raw()
                .get("/sync/status?syncs=contacts&provider_config_key=crm&connection_id=" + connection.connection())
                .json()
                .path("syncs")
                .path(0)
                .path("latestExecutionStatus")
                .asString("");
    }

    private static void update(TestServer server, String sql) throws SQLException {
        try (var db = open(server)) {
            db.createStatement().executeUpdate(sql);
        }
    }

    private static List<String> texts(TestServer server, String query) throws SQLException {
        try (var db = open(server);
                var rows = db.createStatement().executeQuery(query)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }

    private static Connection open(TestServer server) throws SQLException {
        return DriverManager.getConnection(server.databaseUrl());
    }
}
