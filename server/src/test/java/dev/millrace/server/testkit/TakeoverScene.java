package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/** Two servers in processes of their own on one database, and a sync that tells its provider of every step before it. */
public final class TakeoverScene implements AutoCloseable {
    public static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    /** It ignores refusals, as careless functions do. */
    private static final String STEPS = """
            const { api, me, laps } = await nango.getMetadata();
            const run = String(nango.syncJobId);
            const attempt = async (what) => { try { await what(); } catch { /* goes on */ } };
            const step = async (name, what) => {
              await nango.get({ endpoint: `/${me}/${run}/${name}`, baseUrlOverride: api, retries: 0 });
              await attempt(what);
            };
            const rows = (part) => [{ id: 'shared', by: run, part }, { id: `${run}-${part}`, by: run, part }];
            for (let lap = 0; lap < laps; lap++) {
              await step('open', () => nango.trackDeletesStart('Item'));
              await step('save', () => nango.batchSave(rows('a' + lap), 'Item'));
              await step('checkpoint', () => nango.saveCheckpoint({ run, lap }));
              await step('metadata', () => nango.updateMetadata({ by: run }));
              await step('lock', () => nango.tryAcquireLock({ key: me, ttlMs: 600000 }));
              await step('trigger', () => nango.triggerSync('crm', me, 'other'));
              await step('close', async () => {
                await attempt(() => nango.batchSave(rows('b' + lap), 'Item'));
                await nango.trackDeletesEnd('Item');
              });
            }
            await step('end', async () => {});
            """;

    private final Path folder = TestFolder.create("takeover");
    private final String database = TestDatabase.freshUrl();
    private final ScriptedApi api = new ScriptedApi();
    private final List<ServerProcess> servers = new ArrayList<>();

    /** @param laps of each run */
    public TakeoverScene(List<String> connections, int laps) throws IOException {
        start(0);
        StoreServer.shareKeys(data(0), data(1));
        var scripts = Scripts.onNew(server(0).client()).sync("steps", STEPS).sync("other", "");
        scripts.deploy();
        for (var id : connections) {
            scripts.connect(id, Map.of("type", "NONE"), Map.of("api", api.url(), "me", id, "laps", laps));
        }
    }

    private Path data(int index) {
        return folder.resolve("data-" + index);
    }

    public ServerProcess server(int index) {
        return servers.get(index);
    }

    /** For the first time, or anew after it was killed. */
    public void start(int index) throws IOException {
        var server = ServerProcess.start(data(index), database);
        if (index < servers.size()) {
            servers.set(index, server);
        } else {
            servers.add(server);
        }
    }

    /** A step that a run is about to take. */
    public record Step(String connection, long run, String name) {
        public static Step of(Asked asked) {
            var words = asked.path().split("/", -1);
            return new Step(words[1], Long.parseLong(words[2]), words[3]);
        }
    }

    /** Steps that are held until they are let go, and those that have been reached. */
    public static final class Gate {
        private final Predicate<Step> holds;
        private final CountDownLatch open = new CountDownLatch(1);
        private final Set<Step> reached = ConcurrentHashMap.newKeySet();

        public Gate(Predicate<Step> holds) {
            this.holds = holds;
        }

        private void pass(Step step) {
            if (holds.test(step)) {
                reached.add(step);
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        public Set<Step> reached() {
            return Set.copyOf(reached);
        }

        public void open() {
            open.countDown();
        }
    }

    /** From now on every step has to pass these. */
    public void gates(Gate... gates) {
        api.answers(asked -> {
            var step = Step.of(asked);
            for (var gate : gates) {
                gate.pass(step);
            }
            return Given.json(200, "{}");
        });
    }

    /** A server that runs a sync. */
    public int busy() {
        var nodes = await().atMost(LONGEST_WAIT)
                .until(
                        () -> rows("SELECT picked_by FROM scheduled_tasks WHERE task_name = 'sync' AND picked"),
                        found -> !found.isEmpty());
        try {
            return nodes.contains(Files.readString(data(0).resolve("node")).strip()) ? 0 : 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public List<Step> steps() {
        return api.asked().stream().map(Step::of).toList();
    }

    public void trigger(int server, String connection) {
        server(server).client().triggerSync(new ConnectionRef("crm", connection), List.of("steps"));
    }

    /** The value of the first column of each row. */
    public List<String> rows(String sql, Object... arguments) {
        try (var connection = DriverManager.getConnection(database);
                var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            try (var row = statement.executeQuery()) {
                var found = new ArrayList<String>();
                while (row.next()) {
                    found.add(String.valueOf(row.getString(1)));
                }
                return found;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The runs of a connection's sync, the oldest first: {@code <id> <status> <type of its error>}. */
    public List<String> runs(String connection, String sync) {
        return rows("""
                SELECT concat_ws(' ', r.id, r.status, r.error ->> 'type')
                  FROM run r JOIN sync s ON s.id = r.sync_id JOIN connection c ON c.id = r.connection_id
                 WHERE c.connection_id = ? AND s.name = ?
                 ORDER BY r.id
                """, connection, sync);
    }

    /** How often the log of a run says that its lease is lost: whoever takes over says so, and who has lost it. */
    public int toldOfLoss(long run) {
        return Integer.parseInt(rows("""
                        SELECT count(*)
                          FROM log_line l JOIN run r ON r.operation = l.operation
                         WHERE r.id = ? AND l.message LIKE 'lease_lost%'
                        """, run).getFirst());
    }

    /** All records of a connection, the deleted ones among them: {@code <id> by <run>}, or {@code <id> deleted}. */
    public List<String> records(int server, String connection) {
        var found = new ArrayList<String>();
        var records = server(server)
                .raw()
                .get(
                        "/records?model=Item&limit=1000",
                        Map.of("Provider-Config-Key", "crm", "Connection-Id", connection))
                .json()
                .path("records");
        for (var record : records) {
            boolean deleted = !record.path("_nango_metadata").path("deleted_at").isNull();
            found.add(record.path("id").asString()
                    + (deleted ? " deleted" : " by " + record.path("by").asString()));
        }
        return found;
    }

    /** What runs wrote after a later run of the same sync had begun. */
    public List<String> writtenByLosers(int server, String connection) {
        var found = new ArrayList<String>();
        var records = server(server)
                .raw()
                .get(
                        "/records?model=Item&limit=1000",
                        Map.of("Provider-Config-Key", "crm", "Connection-Id", connection))
                .json()
                .path("records");
        for (var record : records) {
            var metadata = record.path("_nango_metadata");
            var late = rows(
                    """
                    SELECT min(later.id)
                      FROM run r JOIN run later ON later.sync_id = r.sync_id AND later.id > r.id
                     WHERE r.id = ? AND later.started_at < ?::timestamptz
                    """,
                    record.path("by").asLong(Long.parseLong(record.path("by").asString("0"))),
                    metadata.path("last_modified_at").asString());
            if (!late.getFirst().equals("null") && metadata.path("deleted_at").isNull()) {
                found.add(record + " although run " + late.getFirst() + " had begun");
            }
        }
        return found;
    }

    public void awaitIdle() {
        await().atMost(LONGEST_WAIT).untilAsserted(() -> {
            assertThat(rows("SELECT id FROM run WHERE status = 'RUNNING'")).isEmpty();
            assertThat(rows("SELECT task_instance FROM scheduled_tasks WHERE task_name = 'sync'"))
                    .isEmpty();
            assertThat(rows("SELECT id FROM operation WHERE status = 'running'"))
                    .isEmpty();
        });
    }

    @Override
    public void close() throws IOException {
        for (var server : servers) {
            server.thaw();
            server.close();
        }
        api.close();
        TestFolder.delete(folder);
    }
}
