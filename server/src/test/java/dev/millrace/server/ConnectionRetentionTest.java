package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Of a deleted connection nothing is left after 31 days. */
@Tag("slow")
@Timeout(300)
class ConnectionRetentionTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    /** Every table that says to which connection its rows belong. */
    private static final List<String> TABLES = List.of(
            "metadata", "metadata_history", "metadata_index", "checkpoint", "sync", "run", "async_action", "dataset");

    @Test
    void of_a_deleted_connection_nothing_is_left_after_31_days() throws Exception {
        try (var server = TestServer.start()) {
            var scripts = Scripts.onNew(server.client()).sync("items", """
                    await nango.saveCheckpoint({ at: 'there' });
                    await nango.batchSave([{ id: 'i1' }], 'Item');
                    """).action("act", "return 1;");
            scripts.deploy();
            for (var id : List.of("gone", "recent", "live")) {
                var connection = scripts.connect(id, Map.of("type", "NONE"), Map.of("n", 1));
                server.client().triggerAction(connection, "act", Map.of());
                server.raw()
                        .post(
                                "/sync/trigger",
                                "{\"syncs\":[\"items\"],\"provider_config_key\":\"%s\",\"connection_id\":\"%s\"}"
                                        .formatted(connection.integration(), id));
                await().atMost(LONGEST_WAIT)
                        .until(() -> count(server, "checkpoint", id) == 1 && count(server, "dataset", id) == 1);
                if (!id.equals("live")) {
                    server.client().deleteConnection(connection);
                }
            }
            assertThat(tables(server, "gone")).contains("metadata", "metadata_history", "checkpoint", "sync", "run");
            update(
                    server,
                    "UPDATE connection SET deleted_at = now() - interval '30 days' WHERE connection_id = 'recent'");
            update(
                    server,
                    "UPDATE connection SET deleted_at = now() - interval '32 days' WHERE connection_id = 'gone'");
            update(
                    server,
                    "UPDATE sync SET deleted_at = c.deleted_at FROM connection c"
                            + " WHERE c.id = sync.connection_id AND c.deleted_at IS NOT NULL");
            update(
                    server,
                    "UPDATE run SET updated_at = c.deleted_at FROM connection c"
                            + " WHERE c.id = run.connection_id AND c.deleted_at IS NOT NULL");
            long gone = id(server, "gone");

            // Looked for when a server starts, and every hour; the syncs go first.
            server.restart();
            await().atMost(LONGEST_WAIT).until(() -> rows(server, "sync", gone) == 0);
            server.restart();

            await().atMost(LONGEST_WAIT).until(() -> rows(server, "connection", gone) == 0);
            for (var table : TABLES) {
                assertThat(rows(server, table, gone)).as(table).isZero();
            }
            assertThat(tables(server, "recent")).contains("metadata", "metadata_history", "checkpoint", "run");
            assertThat(tables(server, "live"))
                    .contains("metadata", "metadata_history", "checkpoint", "sync", "run", "dataset");
        }
    }

    @Test
    void a_deleted_integration_keeps_no_secrets() throws Exception {
        try (var server = TestServer.start()) {
            for (var key : List.of("gone", "live")) {
                server.client()
                        .createIntegration(Map.of(
                                "provider",
                                "private-api-key",
                                "unique_key",
                                key,
                                "integration_config",
                                Map.of("keyName", "x-key")));
            }

            assertThat(server.raw().send("DELETE", "/integrations/gone", "").status())
                    .isEqualTo(200);

            assertThat(number(server, "SELECT count(custom) FROM integration WHERE unique_key = 'gone'"))
                    .isZero();
            assertThat(number(server, "SELECT count(custom) FROM integration WHERE unique_key = 'live'"))
                    .isEqualTo(1);
        }
    }

    private static Set<String> tables(TestServer server, String connection) throws SQLException {
        var found = new TreeSet<String>();
        for (var table : TABLES) {
            if (count(server, table, connection) > 0) {
                found.add(table);
            }
        }
        return found;
    }

    private static long count(TestServer server, String table, String connection) throws SQLException {
        return rows(server, table, id(server, connection));
    }

    private static long id(TestServer server, String connection) throws SQLException {
        return number(server, "SELECT id FROM connection WHERE connection_id = '" + connection + "'");
    }

    private static long rows(TestServer server, String table, long connection) throws SQLException {
        var column = table.equals("connection") ? "id" : "connection_id";
        return number(server, "SELECT count(*) FROM " + table + " WHERE " + column + " = " + connection);
    }

    private static long number(TestServer server, String query) throws SQLException {
        try (var db = open(server);
                var row = db.createStatement().executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void update(TestServer server, String sql) throws SQLException {
        try (var db = open(server)) {
            assertThat(db.createStatement().executeUpdate(sql)).isPositive();
        }
    }

    private static Connection open(TestServer server) throws SQLException {
        return DriverManager.getConnection(server.databaseUrl());
    }
}
