package dev.millrace.server.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.Server;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.db.Database;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.Writer;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.testkit.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writers that go on while everything is sealed anew. */
@Tag("slow")
@Timeout(300)
class RotationWritersTest {
    private static final int DATASETS = 4;
    private static final int RECORDS = 3_000;
    private static final int SLICE = 250;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    @TempDir
    Path data;

    private static Dataset dataset(int number) {
        return new Dataset(number, "Item");
    }

    /** A slice in which each record tells its revision. */
    private static List<byte[]> slice(int from, int revision) {
        return IntStream.range(from, from + SLICE)
                .mapToObj(i ->
                        "{\"id\":\"i" + i + "\",\"revision\":" + revision + ",\"text\":\"" + "x".repeat(500) + "\"}")
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void nothing_that_was_written_meanwhile_is_lost_or_overwritten() throws Exception {
        var clock = Clock.systemUTC();
        var source = new KeySource(data, Optional.empty());
        try (var db = TestDatabase.fresh();
                var cluster = new Cluster(db, "a", "test");
                var schedule = new Schedule(db, clock, cluster);
                var keys = new Keys(db, source, Server.SEALED, schedule, cluster, clock)) {
            schedule.start();
            var records = new Records(db, keys.encryption());
            for (int d = 0; d < DATASETS; d++) {
                for (int from = 0; from < RECORDS; from += SLICE) {
                    records.save(dataset(d), Writer.of(1), slice(from, 0));
                }
            }
            var rotated = new AtomicBoolean();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var writers = new ArrayList<Future<int[]>>();
                for (int d = 0; d < DATASETS; d++) {
                    int number = d;
                    writers.add(threads.submit(() -> write(records, number, rotated)));
                }
                var pruner = threads.submit(() -> prune(records, rotated));

                source.add(2);
                await().atMost(LONGEST_WAIT)
                        .until(() -> KeyReport.rotation(db)
                                .filter(r -> r.to() == 2 && r.finished())
                                .isPresent());
                rotated.set(true);

                pruner.get();
                for (int d = 0; d < DATASETS; d++) {
                    check(db, records, d, writers.get(d).get());
                }
            }
            assertThat(KeyReport.of(db, Server.SEALED).keys())
                    .filteredOn(key -> key.id() == 1)
                    .allSatisfy(key -> assertThat(key.values()).isZero());
        }
    }

    /** The revision that each slice was given last. */
    private static int[] write(Records records, int number, AtomicBoolean stop) {
        var written = new int[RECORDS / SLICE];
        for (int revision = 1; !stop.get(); revision++) {
            // The last slices are left to the rotation alone.
            for (int slice = 0; slice < written.length - 2 && !stop.get(); slice++) {
                records.save(dataset(number), Writer.of(1), slice(slice * SLICE, revision));
                written[slice] = revision;
            }
        }
        return written;
    }

    /** Empties what was changed longest ago in one more dataset. */
    private static long prune(Records records, AtomicBoolean stop) {
        var dataset = dataset(DATASETS);
        long rounds = 0;
        for (int revision = 0; !stop.get(); revision++) {
            records.save(dataset, Writer.of(1), slice(0, revision));
            var page = records.list(dataset, RecordQuery.after(Optional.empty(), 100));
            var half = Position.parse(page.nextCursor().orElseThrow()).orElseThrow();
            records.prune(dataset, half, 100);
            rounds++;
        }
        return rounds;
    }

    private static void check(Database db, Records records, int number, int[] written) {
        assertThat(written[0]).as("rounds of writes while sealing anew").isPositive();
        var found = new HashMap<String, Integer>();
        var page = records.list(dataset(number), RecordQuery.after(Optional.empty(), 10_000));
        for (JsonNode record : JsonMapper.shared().readTree(page.records())) {
            found.put(record.path("id").asString(), record.path("revision").asInt());
        }
        assertThat(found).hasSize(RECORDS);
        for (int i = 0; i < RECORDS; i++) {
            assertThat(found.get("i" + i)).as("i%s of %s", i, number).isEqualTo(written[i / SLICE]);
        }
        var bytes = db.withHandle(handle -> handle.createQuery("""
                        SELECT d.bytes = sum(r.size) FROM dataset d JOIN record r USING (dataset_id)
                         WHERE d.connection_id = :connection GROUP BY d.dataset_id, d.bytes
                        """)
                .bind("connection", number)
                .mapTo(Boolean.class)
                .one());
        assertThat(bytes).isTrue();
    }
}
