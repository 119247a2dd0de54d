package dev.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
    private static final int WRITERS = 12;
    private static final int ROUNDS = 25;
    private static final int SLICE = 20;

    private final Shelf shelf = new Shelf();

    @AfterEach
    void close() {
        shelf.close();
    }

    @Test
    void a_reader_that_follows_its_cursor_while_many_write_misses_nothing() throws Exception {
        var writing = new AtomicBoolean(true);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var reader = threads.submit(() -> follow(writing));
            var writers = new ArrayList<Future<Integer>>();
            for (int w = 0; w < WRITERS; w++) {
                writers.add(threads.submit(writer(w)));
            }
            for (var writer : writers) {
                writer.get();
            }
            writing.set(false);

            var read = reader.get();

            var stored = new HashMap<String, String>();
            shelf.byId().forEach((id, record) -> stored.put(id, record.toString()));
            assertThat(read).isEqualTo(stored);
            assertThat(shelf.counters()).isEqualTo(shelf.counted());
        }
    }

    /** Writers share a third of their ids, so they change each other's records, too. */
    private Callable<Integer> writer(int number) {
        return () -> {
            var random = new Random(number);
            int changed = 0;
            for (int round = 0; round < ROUNDS; round++) {
                var batch = new ArrayList<byte[]>();
                for (int i = 0; i < SLICE; i++) {
                    int owner = i % 3 == 0 ? 0 : number;
                    int id = owner * 10_000 + random.nextInt(ROUNDS * SLICE);
                    batch.addAll(Shelf.numbered(id, id + 1, random.nextInt(4)));
                }
                var saved = random.nextInt(5) == 0
                        ? shelf.records.delete(shelf.items, Writer.of(number), batch)
                        : shelf.records.save(shelf.items, Writer.of(number), batch);
                changed += saved.added() + saved.updated() + saved.deleted();
            }
            return changed;
        };
    }

    /** The last state of every record that a consumer sees which never looks back. */
    private Map<String, String> follow(AtomicBoolean writing) {
        var states = new HashMap<String, String>();
        var position = Optional.<Position>empty();
        boolean more = true;
        while (more) {
            // Asked before reading: what was written before the end is read after it.
            boolean last = !writing.get();
            var page = shelf.read(shelf.items, RecordQuery.after(position, 7));
            for (var record : page) {
                states.put(record.get("id").stringValue(), record.toString());
                var next = Shelf.position(record);
                assertThat(position.isEmpty() || next.isAfter(position.get())).isTrue();
                position = Optional.of(next);
            }
            more = !(last && page.isEmpty());
        }
        return states;
    }

    @Test
    void emptying_and_removing_while_others_write_leaves_true_counters() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Future<?>>();
            for (int w = 0; w < 4; w++) {
                work.add(threads.submit(writer(w)));
            }
            work.add(threads.submit(() -> {
                for (int i = 0; i < 10; i++) {
                    shelf.records.empty(shelf.items);
                    shelf.records.delete(shelf.items);
                    shelf.records.trackStart(shelf.items, "sync", 1);
                }
            }));
            for (var each : work) {
                each.get();
            }
        }
        assertThat(shelf.counters()).isEqualTo(shelf.counted());
    }
}
