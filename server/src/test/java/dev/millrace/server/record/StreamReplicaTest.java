package dev.millrace.server.record;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.EventStream;
import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Copies kept by nothing but streams, while many write, end as what is stored. */
@Timeout(120)
class StreamReplicaTest {
    private static final int WRITERS = 8;
    private static final int ROUNDS = 40;
    private static final int SLICE = 20;

    private final StreamRoom room = new StreamRoom(StreamRoom.SETTINGS);

    @AfterEach
    void close() {
        room.close();
    }

    /** A copy whose client loses its connection again and again. */
    private final class Replica {
        private final String query;
        private final Random random;
        private final Map<String, String> records = new HashMap<>();
        private final List<String> ids = new ArrayList<>();
        private String lastId = "";
        private EventStream stream;
        private int taken;

        Replica(String query, long seed) {
            this.query = query;
            this.random = new Random(seed);
            this.stream = room.stream(query);
        }

        /** Takes what has come; mostly, then, loses the connection. */
        void turn() {
            var come = stream.events();
            int until = random.nextBoolean() ? come.size() : Math.min(come.size(), taken + random.nextInt(50));
            for (; taken < until; taken++) {
                var record = Json.parse(come.get(taken).data());
                records.put(record.get("id").stringValue(), record.toString());
                lastId = come.get(taken).id();
                ids.add(lastId);
            }
            if (random.nextInt(4) > 0) {
                stream.close();
                stream = lastId.isEmpty() ? room.stream(query) : room.stream(query, "Last-Event-ID", lastId);
                taken = 0;
            }
        }

        boolean isCopy(Map<String, String> stored) {
            turn();
            return records.equals(stored);
        }
    }

    @Test
    void copies_equal_the_store_after_many_wrote_and_connections_were_lost() throws Exception {
        var replicas = List.of(
                new Replica("model=Item", 1), new Replica("model=Item&limit=7", 2), new Replica("model=Item", 3));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writers = new ArrayList<Future<?>>();
            for (int w = 0; w < WRITERS; w++) {
                writers.add(threads.submit(writer(w)));
            }
            while (!writers.stream().allMatch(Future::isDone)) {
                replicas.forEach(Replica::turn);
            }
            for (var writer : writers) {
                writer.get();
            }
        }

        var stored = new HashMap<String, String>();
        room.shelf.byId().forEach((id, record) -> stored.put(id, record.toString()));
        assertThat(stored).hasSizeGreaterThan(500);
        for (var replica : replicas) {
            await().atMost(30, SECONDS).until(() -> replica.isCopy(stored));
            assertThat(new HashSet<>(replica.ids)).as("none came twice").hasSameSizeAs(replica.ids);
            assertThat(replica.ids.stream().map(id -> Position.parse(id).orElseThrow()))
                    .as("in order")
                    .isSortedAccordingTo((a, b) -> a.isAfter(b) ? 1 : -1);
        }
    }

    /** Half of them write as another process would. */
    private Callable<?> writer(int number) {
        return () -> {
            var random = new Random(number);
            var records = number % 2 == 0 ? room.shelf.records : room.elsewhere;
            for (int round = 0; round < ROUNDS; round++) {
                var slice = new ArrayList<byte[]>();
                for (int i = 0; i < SLICE; i++) {
                    int owner = i % 3 == 0 ? 0 : number;
                    int id = owner * 10_000 + random.nextInt(ROUNDS * SLICE / 2);
                    slice.addAll(Shelf.numbered(id, id + 1, random.nextInt(4)));
                }
                if (random.nextInt(5) == 0) {
                    records.delete(room.shelf.items, Writer.of(number), slice);
                } else {
                    records.save(room.shelf.items, Writer.of(number), slice);
                }
            }
            return null;
        };
    }
}
