package dev.millrace.bench;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pages of the dashboard of an environment with 100,000 connections, 500,000 operations and 10 million log lines. The
 * data is written directly to the database, since no other way would take less than an hour.
 */
final class DashboardPages {
    private static final String ENVIRONMENT = "/ui/dev/";
    private static final int OPERATIONS = 500_000;
    private static final int LINES = 20;

    /** The session of a browser: 43 letters, as the dashboard's own ids are. */
    private static final String SESSION = "b".repeat(43);

    /** The id of the operation 4,700: the MD5 of its name. */
    private static final String FAILED_OPERATION = "0e1828b5-9c5e-56c0-466e-a8c77ca5554b";

    private static final String SIGN_IN = """
            INSERT INTO dashboard_session (hash, created_at, used_at)
            VALUES (sha256(convert_to(:session, 'UTF8')), now(), now())
            ON CONFLICT (hash) DO NOTHING
            """;

    /** A week of operations, one in fifty of which has failed. */
    private static final String ADD_OPERATIONS = """
            INSERT INTO operation (id, environment_id, kind, integration, connection, function, variant, status,
                                   started_at, finished_at, error, lines, dropped)
            SELECT md5('operation-' || n)::uuid, e.id,
                   (ARRAY['sync', 'sync', 'sync', 'action', 'webhook'])[1 + n % 5],
                   'crowd', 'crowd-' || (n * 7919 % :connections), 'function-' || n % 40, 'base',
                   CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'success' END,
                   now() - n * (interval '7 days' / :operations),
                   now() - n * (interval '7 days' / :operations) + interval '1.5 seconds',
                   CASE WHEN n % 50 = 0
                        THEN '{"type":"script_http_error","message":"The API answered 503: try again later."}' END,
                   ARRAY[4, 15, 1, 0], 0
              FROM generate_series(1, :operations) n, (SELECT min(id) AS id FROM environment) e
            ON CONFLICT (id) DO NOTHING
            """;

    private static final String ADD_LINES = """
            INSERT INTO log_line (environment_id, operation, at, level, message, meta)
            SELECT o.environment_id, o.id, o.started_at + n * interval '70 milliseconds',
                   (ARRAY['debug', 'info', 'info', 'info', 'warn'])[1 + n % 5],
                   'GET /contacts?page=' || n || ' returned 200 in 63 ms; 100 records were saved', NULL
              FROM operation o, generate_series(1, :lines) n
            """;

    private DashboardPages() {}

    /** One browser that loads the same page again and again. */
    static List<Scenario> scenarios() {
        return Stream.of(
                        new Page("overview", "overview"),
                        new Page("connections", "connections"),
                        new Page("connections-search", "connections?q=crowd-4711"),
                        new Page("connection", "connections/crowd/crowd-4711"),
                        new Page("log", "log"),
                        new Page("log-of-connection", "log?connection=crowd-4711"),
                        new Page("log-failed", "log?status=failed"),
                        new Page("log-search", "log/lines?text=page%3D17"),
                        new Page("operation", "log/" + FAILED_OPERATION),
                        new Page("deliveries", "deliveries"))
                .map(DashboardPages::scenario)
                .toList();
    }

    /** @param path below the environment */
    private record Page(String name, String path) {}

    private static Scenario scenario(Page page) {
        return new Requests(
                        "page-" + page.name(),
                        "GET " + ENVIRONMENT + page.path() + ": 100,000 connections, 10 million log lines",
                        Reference.NONE,
                        DashboardPages::fill,
                        (_, _) -> new Call(
                                "GET",
                                ENVIRONMENT + page.path(),
                                List.of("Accept: text/html", "Cookie: millrace_session=" + SESSION),
                                ""))
                .by(1);
    }

    /** Writes the data, unless an earlier scenario has. */
    private static void fill(Stage stage) throws IOException, InterruptedException {
        ManyConnections.gather(stage);
        try (var db = Database.open(new DatabaseConfig(stage.subject().database(), 2))) {
            int added = db.withHandle(handle -> {
                handle.createUpdate(SIGN_IN).bind("session", SESSION).execute();
                return handle.createUpdate(ADD_OPERATIONS)
                        .bind("connections", ManyConnections.SIZE)
                        .bind("operations", OPERATIONS)
                        .execute();
            });
            if (added > 0) {
                System.err.println("Writing 10 million log lines takes some minutes.");
                db.useHandle(handle -> {
                    handle.createUpdate(ADD_LINES).bind("lines", LINES).execute();
                    handle.execute("VACUUM ANALYZE operation");
                    handle.execute("VACUUM ANALYZE log_line");
                });
            }
        }
    }
}
