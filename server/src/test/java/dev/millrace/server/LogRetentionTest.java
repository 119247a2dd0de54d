package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.TestServer;
import java.nio.file.Files;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Logs are kept for as long as their environment says. */
@Tag("slow")
@Timeout(300)
class LogRetentionTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    /** In the environment, that many days ago; more of each than one round removes. */
    private static final String PAST = """
            INSERT INTO operation (id, environment_id, kind, integration, connection, process, status, started_at,
                   lines, dropped)
            SELECT gen_random_uuid(), e.id, 'action', 'crm', e.name || ' ' || days, gen_random_uuid(), 'running',
                   now() - days * interval '1 day', '{0,0,0,0}', 0
              FROM environment e, unnest(ARRAY[0, 4, 14, 16]) AS days, generate_series(1, 1500);
            INSERT INTO log_line (environment_id, operation, at, level, message)
            SELECT environment_id, id, started_at, 'info', 'x' FROM operation, generate_series(1, 5)
            """;

    @Test
    void old_runs_are_deleted_and_abandoned_runs_fail() throws Exception {
        try (var server = TestServer.start()) {
            server.raw().patch("/environment/settings", "{\"logs_days\": 3}");
            assertThat(server.raw()
                            .patch("/environment/settings", "{\"logs_days\": -1}")
                            .status())
                    .isEqualTo(400);
            update(server, PAST);

            // What an earlier life of this server has left.
            var node = Files.readString(server.data().resolve("node"));
            update(server, """
                    WITH earlier AS (
                         INSERT INTO server (node, process, version, started_at, seen_at)
                         VALUES ('%s', gen_random_uuid(), 'dev', now(), now())
                         RETURNING process)
                    INSERT INTO operation (id, environment_id, kind, integration, connection, process, status, started_at,
                           lines, dropped)
                    SELECT gen_random_uuid(), min(id), 'action', 'crm', 'mine', process, 'running', now(), '{0,0,0,0}', 0
                      FROM environment, earlier
                     GROUP BY process
                    """.formatted(node));
            // Old logs are looked for when a server starts, and every hour.
            server.restart();

            await().atMost(LONGEST_WAIT).untilAsserted(() -> {
                assertThat(texts(server, "SELECT DISTINCT connection FROM operation ORDER BY 1"))
                        .containsExactly("dev 0", "mine", "prod 0", "prod 14", "prod 4");
                assertThat(texts(server, "SELECT count(*)::text FROM log_line")).containsExactly("30000");
            });
            assertThat(texts(server, "SELECT DISTINCT connection || ' ' || status FROM operation ORDER BY 1"))
                    .containsExactly(
                            "dev 0 running", "mine failed", "prod 0 running", "prod 14 failed", "prod 4 failed");
        }
    }

    private static void update(TestServer server, String sql) throws SQLException {
        try (var db = DriverManager.getConnection(server.databaseUrl())) {
            db.createStatement().executeUpdate(sql);
        }
    }

    private static List<String> texts(TestServer server, String query) throws SQLException {
        try (var db = DriverManager.getConnection(server.databaseUrl());
                var rows = db.createStatement().executeQuery(query)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }
}
