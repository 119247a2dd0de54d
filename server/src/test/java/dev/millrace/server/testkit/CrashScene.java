package dev.millrace.server.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.Writer;
import dev.millrace.server.testkit.TailingReader.Seen;
import dev.millrace.server.testkit.WriteLog.Place;
import dev.millrace.server.testkit.WrittenSlice.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Rounds of writing and tidying up that end in a crash, and a look at what it left. */
public final class CrashScene implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final int AUTHORS = 6;
    private static final int MANY = 12_000;
    private static final int SEEN = 100;
    private static final int LONGEST_ROUND_MILLIS = 900;

    /** Who writes, workload to end in the middle. */
    public interface Birth {
        CrashingWorkload of(Path data, OwnPostgres postgres, StoreWriter.Report log) throws Exception;
    }

    private final Path folder = TestFolder.create("crash");
    private final Path data = folder.resolve("data");
    private final OwnPostgres postgres = OwnPostgres.start();
    private final WriteLog log = new WriteLog();
    private final List<Dataset> datasets = List.of(new Dataset(1, "Item"), new Dataset(1, "Order"));
    private final Dataset big = new Dataset(2, "Big");
    private final Map<String, Integer> next = new HashMap<>();
    private final Map<String, Map<Place, State>> known = new HashMap<>();
    private final Birth birth;
    private final long seed;
    private final Random random;
    private int rounds;
    private int interrupted;
    private int inDoubt;

    public CrashScene(Birth birth, long seed) throws IOException {
        this.birth = birth;
        this.seed = seed;
        this.random = new Random(seed);
        Files.createDirectory(data);
        for (int i = 0; i < AUTHORS; i++) {
            next.put("w" + i, 1);
            known.put("w" + i, new HashMap<>());
        }
    }

    /** One round, from full datasets over the crash to the operation's end. */
    public void round(LongOperation operation) throws Exception {
        try (var db = open()) {
            prepare(operation, records(db));
        }
        var places = digest();

        var workload = birth.of(data, postgres, log);
        workload.write(seed, datasets, next);
        workload.begin(operation, big);
        new CountDownLatch(1).await(random.nextInt(LONGEST_ROUND_MILLIS), TimeUnit.MILLISECONDS);
        workload.crash();
        awaitQuiet();

        rounds++;
        interrupted += workload.isDone(operation) ? 0 : 1;
        assertThat(ChangeAudit.wrongCounters(postgres.url())).isEmpty();
        try (var db = open()) {
            checkSlices(records(db));
            if (workload.isDone(operation)) {
                checkDone(operation, places);
            }
            operation.on(records(db), big);
        }
        checkDone(operation, places);
        assertThat(ChangeAudit.wrongCounters(postgres.url())).isEmpty();
    }

    private Database open() {
        return Database.open(new DatabaseConfig(postgres.url(), 4));
    }

    private Records records(Database db) {
        return new Records(db, TestEncryption.of(data));
    }

    private void prepare(LongOperation operation, Records records) {
        if (operation == LongOperation.EMPTY && records.live(big) > 0) {
            return;
        }
        save(records, 1, MANY);
        if (operation == LongOperation.TRACK_END) {
            records.trackStart(big, LongOperation.SYNC, 2);
            save(records, 2, SEEN);
        }
    }

    private void save(Records records, long generation, int count) {
        for (int from = 0; from < count; from += 5_000) {
            var slice = IntStream.range(from, Math.min(count, from + 5_000))
                    .mapToObj(i -> "{\"id\":\"b%d\",\"round\":%d}".formatted(i, rounds))
                    .map(text -> text.getBytes(UTF_8))
                    .toList();
            records.save(big, Writer.of(generation), slice);
        }
    }

    /** Waits until what the dead had under way has come to an end in the database, too. */
    private void awaitQuiet() {
        await().atMost(LONGEST_WAIT)
                .ignoreExceptions()
                .until(() -> number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'millrace'") == 0);
    }

    /** Of each author's last slice, which nobody acknowledged, all is there or nothing; of those before it all. */
    private void checkSlices(Records records) {
        var found = found(records);
        known.forEach((author, states) -> {
            int last = Math.max(log.last(author), next.getOrDefault(author, 0) - 1);
            for (int number = next.getOrDefault(author, 0); number <= last; number++) {
                apply(slice(author, number), states);
            }
            var after = new HashMap<>(states);
            apply(slice(author, last + 1), after);
            boolean without = agree(author, states, found);
            boolean with = agree(author, after, found);
            assertThat(without || with)
                    .as("slice %s after %s in %s; seed %d", slice(author, last + 1), states, found, seed)
                    .isTrue();
            if (with) {
                states.putAll(after);
            }
            inDoubt += with && !without ? 1 : 0;
            next.put(author, last + 2);
        });
    }

    private WrittenSlice slice(String author, int number) {
        return WrittenSlice.random(seed, author, number, datasets.size());
    }

    private static void apply(WrittenSlice slice, Map<Place, State> states) {
        slice.owned()
                .forEach(id -> states.compute(
                        new Place(slice.dataset(), id),
                        (_, state) -> (state == null ? State.NONE : state).after(slice)));
    }

    private static boolean agree(String author, Map<Place, State> states, Map<Place, Seen> found) {
        return states.entrySet().stream()
                .allMatch(e -> e.getValue().is(author, e.getKey().id(), found.get(e.getKey())));
    }

    private Map<Place, Seen> found(Records records) {
        var found = new HashMap<Place, Seen>();
        for (int i = 0; i < datasets.size(); i++) {
            int dataset = i;
            TailingReader.all(records, datasets.get(i)).forEach((id, seen) -> found.put(new Place(dataset, id), seen));
        }
        return found;
    }

    private void checkDone(LongOperation operation, String places) throws SQLException {
        switch (operation) {
            case TRACK_END -> {
                assertThat(number("SELECT count(*) FROM delete_tracking")).isZero();
                assertThat(number("SELECT count(*) FROM seen_slice")).isZero();
                assertThat(count("r.deleted IS NULL")).isEqualTo(SEEN);
                assertThat(count("r.deleted IS NULL AND r.external_id ~ '^b[0-9]{1,2}$'"))
                        .isEqualTo(SEEN);
                assertThat(count("r.deleted IS NOT NULL")).isEqualTo(MANY - SEEN);
            }
            case PRUNE -> {
                assertThat(count("r.pruned IS NULL OR r.size > 0 OR r.data <> ''"))
                        .isZero();
                assertThat(digest()).isEqualTo(places);
            }
            case EMPTY -> {
                assertThat(count("true")).isZero();
                assertThat(number("SELECT count(*) FROM dataset WHERE model = 'Big'"))
                        .isEqualTo(1);
            }
            case REMOVE ->
                assertThat(number("SELECT count(*) FROM dataset WHERE model = 'Big'"))
                        .isZero();
        }
    }

    private long count(String condition) throws SQLException {
        return number("SELECT count(*) FROM record r JOIN dataset d USING (dataset_id) WHERE d.model = 'Big' AND ("
                + condition + ")");
    }

    /** All that pruning leaves as it is. */
    private String digest() throws SQLException {
        return text("""
                SELECT md5(coalesce(string_agg(concat_ws(' ', external_id, sequence, modified, first_seen, deleted, hash), ','
                                           ORDER BY external_id), ''))
                  FROM record JOIN dataset USING (dataset_id)
                 WHERE model = 'Big'
                """);
    }

    private long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    private String text(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.url());
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @Override
    public String toString() {
        return "%d crashes, %d operations interrupted, %d slices acknowledged, %d written without that"
                .formatted(rounds, interrupted, log.count(), inDoubt);
    }

    @Override
    public void close() {
        postgres.close();
        TestFolder.delete(folder);
    }
}
