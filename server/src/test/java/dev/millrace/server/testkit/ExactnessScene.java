package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.MillraceClient;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.testkit.TailingReader.Seen;
import dev.millrace.server.testkit.TailingReader.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Two servers on one PostgreSQL with writers and syncs; the first is killed and started again while readers read. */
public final class ExactnessScene implements AutoCloseable {
    /** The datasets, of which the writers write to the first six and the syncs to those of the model Item. */
    public static final List<Source> SOURCES = List.of(
            new Source("c0", "Item", "base"),
            new Source("c0", "Order", "base"),
            new Source("c0", "Item", "v2"),
            new Source("c1", "Item", "base"),
            new Source("c1", "Order", "base"),
            new Source("c1", "Item", "v2"),
            new Source("c2", "Item", "base"),
            new Source("c3", "Item", "base"));

    private static final int WRITERS_DATASETS = 6;
    private static final int WRITERS = 8;
    private static final List<String> CONNECTIONS = List.of("c0", "c1", "c2", "c3");
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final List<Set<String>> FILTERS = List.of(
            Set.of("DELETED"),
            Set.of("ADDED", "UPDATED"),
            Set.of("ADDED"),
            Set.of("UPDATED"),
            Set.of("UPDATED", "DELETED"));

    private final long seed;
    private final Path folder = TestFolder.create("scene");
    private final List<Path> data = List.of(folder.resolve("a"), folder.resolve("b"));
    private final OwnPostgres postgres = OwnPostgres.withCommitTimes();
    private final WriteLog log = new WriteLog();
    private final ReportingSync sync;
    private final Servers servers = new Servers(2);
    private final Map<Source, Dataset> datasets = new HashMap<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Set<String> nodes = new ConcurrentSkipListSet<>();
    private StoreServer mortal;
    private final StoreServer steady;
    private int kills;

    public ExactnessScene(long seed) throws Exception {
        this.seed = seed;
        sync = new ReportingSync(log);
        ChangeAudit.install(postgres);
        mortal = start(0);
        StoreServer.shareKeys(data.get(0), data.get(1));
        steady = start(1);
        try (var client = MillraceClient.of(mortal.url(), mortal.key())) {
            ReportingSync.deploy(client);
            CONNECTIONS.forEach(connection -> sync.connect(client, connection));
        }
        for (var source : SOURCES) {
            datasets.put(source, Dataset.of(internalId(source.connection()), source.model(), source.variant()));
        }
    }

    private StoreServer start(int index) throws Exception {
        var server = StoreServer.start(data.get(index), postgres.url(), log);
        servers.up(index, server.url(), server.key());
        return server;
    }

    private long internalId(String connection) throws SQLException {
        return pairs("SELECT connection_id, id FROM connection").getOrDefault(connection, 0L);
    }

    /** All of this for a while, until everybody has come to an end; answers the readers. */
    public List<TailingReader> run(Duration length) throws Exception {
        var written = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = readers(written).stream().map(threads::submit).toList();
            var triggers = triggers(threads);
            write(steady, WRITERS);
            write(mortal, 0);
            killAndRestart(length);
            await().atMost(LONGEST_WAIT).until(() -> nodes.size() > 1);
            over.countDown();
            mortal.stopWriting();
            steady.stopWriting();
            for (var trigger : triggers) {
                trigger.get();
            }
            awaitSyncs();
            written.countDown();
            var done = new ArrayList<TailingReader>();
            for (var reader : readers) {
                done.add(reader.get());
            }
            return done;
        } finally {
            over.countDown();
            written.countDown();
        }
    }

    private List<TailingReader> readers(CountDownLatch written) {
        var readers = new ArrayList<TailingReader>();
        for (int i = 0; i < SOURCES.size(); i++) {
            readers.add(new TailingReader(servers, SOURCES.get(i), Set.of(), new Random(seed + i), written));
        }
        for (int i = 0; i < FILTERS.size() * 2; i++) {
            var filter = FILTERS.get(i % FILTERS.size());
            var source = SOURCES.get(i % WRITERS_DATASETS);
            readers.add(new TailingReader(servers, source, filter, new Random(seed - i), written));
        }
        return readers;
    }

    private void write(StoreServer server, int from) {
        var firsts = new HashMap<String, Integer>();
        for (int i = from; i < from + WRITERS; i++) {
            firsts.put("w" + i, log.next("w" + i));
        }
        var to = SOURCES.stream().limit(WRITERS_DATASETS).map(datasets::get).toList();
        server.write(seed, to, firsts);
    }

    private void killAndRestart(Duration length) throws Exception {
        var random = new Random(seed);
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() - end < 0) {
            pause(1_500 + random.nextInt(4_000));
            servers.down(0);
            mortal.kill();
            kills++;
            mortal = start(0);
            write(mortal, 0);
        }
        pause(1_000);
    }

    /** Nothing is waited for here: time is to pass. */
    private void pause(int millis) throws InterruptedException {
        over.await(millis, TimeUnit.MILLISECONDS);
    }

    /** One thread for each connection, which has its sync run again and again, at one server or the other. */
    private List<Future<?>> triggers(ExecutorService threads) {
        var triggers = new ArrayList<Future<?>>();
        for (int i = 0; i < CONNECTIONS.size(); i++) {
            int index = i;
            triggers.add(threads.submit(() -> {
                keepRunning(index);
                return index;
            }));
        }
        return triggers;
    }

    private void keepRunning(int index) throws InterruptedException, SQLException {
        var connection = CONNECTIONS.get(index);
        var random = new Random(seed + index);
        while (!over.await(200, TimeUnit.MILLISECONDS)) {
            nodes.addAll(pairs("SELECT DISTINCT picked_by, 0 FROM scheduled_tasks WHERE picked")
                    .keySet());
            var server = servers.get(index % 2).or(() -> servers.any(random)).orElseThrow();
            try {
                if (ReportingSync.isIdle(server, connection)) {
                    ReportingSync.trigger(server, connection);
                }
            } catch (UncheckedIOException e) {
                assertThat(e).as("the server was killed meanwhile").hasRootCauseInstanceOf(IOException.class);
            }
        }
    }

    private void awaitSyncs() {
        var server = servers.get(1).orElseThrow();
        await().atMost(LONGEST_WAIT)
                .during(Duration.ofSeconds(1))
                .until(() -> CONNECTIONS.stream().allMatch(c -> ReportingSync.isIdle(server, c)));
    }

    private Map<String, Long> pairs(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.url());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            var pairs = new HashMap<String, Long>();
            while (rows.next()) {
                pairs.put(rows.getString(1), rows.getLong(2));
            }
            return pairs;
        }
    }

    /** What each dataset holds, listed from the start. */
    public Map<Source, Map<String, Seen>> stored() {
        var stored = new HashMap<Source, Map<String, Seen>>();
        SOURCES.forEach(
                source -> stored.put(source, TailingReader.all(servers.get(1).orElseThrow(), source)));
        return stored;
    }

    /** The datasets' keys in the database. */
    public Map<Source, Long> numbers() throws SQLException {
        var byName = pairs("SELECT connection_id || '/' || model, dataset_id FROM dataset");
        var numbers = new HashMap<Source, Long>();
        datasets.forEach((source, dataset) ->
                numbers.put(source, byName.getOrDefault(dataset.connection() + "/" + dataset.model(), 0L)));
        return numbers;
    }

    /** Every author with its slices by number. */
    public Map<String, IntFunction<WrittenSlice>> authors() {
        var authors = new HashMap<String, IntFunction<WrittenSlice>>();
        for (int i = 0; i < 2 * WRITERS; i++) {
            var author = "w" + i;
            authors.put(author, number -> WrittenSlice.random(seed, author, number, WRITERS_DATASETS));
        }
        for (int i = 0; i < SOURCES.size(); i++) {
            var source = SOURCES.get(i);
            if (source.model().equals(ReportingSync.MODEL) && source.variant().equals("base")) {
                int dataset = i;
                var author = ReportingSync.author(source.connection());
                authors.put(author, number -> WrittenSlice.ofFunction(author, number, dataset));
            }
        }
        return authors;
    }

    public Set<String> nodesThatRanSyncs() {
        return new TreeSet<>(nodes);
    }

    public WriteLog log() {
        return log;
    }

    public String databaseUrl() {
        return postgres.url();
    }

    public int kills() {
        return kills;
    }

    @Override
    public void close() throws IOException {
        servers.close();
        mortal.close();
        steady.close();
        sync.close();
        postgres.close();
        TestFolder.delete(folder);
    }
}
