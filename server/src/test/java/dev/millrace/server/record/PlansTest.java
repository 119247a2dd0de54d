package dev.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.testkit.TestDatabase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Plans that were made while the table was empty are kept while it grows: they must not read all of it. */
class PlansTest {
    // One connection, so that what it read is counted when it is asked.
    private final Database db = Database.open(new DatabaseConfig(TestDatabase.freshUrl(), 1));
    private final Records records = new Records(db, new Encryption(new byte[32]));
    private final Dataset items = new Dataset(1, "Item");
    private final Address named = new Address(1, "crm", "c1", "Item");

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void plans_still_use_indexes_when_a_table_fills_up_after_it_was_analyzed_empty() {
        Shelf.connect(db);
        db.useHandle(h -> h.execute("ALTER TABLE record SET (autovacuum_enabled = false)"));
        db.useHandle(h -> h.execute("VACUUM ANALYZE record"));
        for (int i = 0; i < 20; i++) {
            int revision = i;
            calls(0, 1).forEach((_, call) -> call.accept(revision));
        }
        for (int i = 0; i < 10; i++) {
            records.save(items, Writer.of(1), Shelf.numbered(1_000 * i, 1_000 * (i + 1), 0));
        }

        calls(5_000, 5_010).forEach((name, call) -> {
            long before = rowsRead();
            call.accept(1);
            // Each is about ten records; all of them would be 10,000.
            assertThat(rowsRead() - before).as(name).isLessThan(200);
        });

        assertThat(sequentialScans()).isZero();
    }

    private Map<String, IntConsumer> calls(int from, int to) {
        var writer = Writer.of(1);
        var start = Optional.of(Position.START);
        var calls = new LinkedHashMap<String, IntConsumer>();
        calls.put("save", i -> records.save(items, writer, Shelf.numbered(from, to, i)));
        calls.put("update", i -> records.update(items, writer, Shelf.numbered(from, to, i + 100)));
        calls.put("delete", _ -> records.delete(items, writer, Shelf.numbered(from, to, 0)));
        calls.put("get", _ -> records.get(items, List.of("i" + from)));
        calls.put("list", _ -> records.list(items, RecordQuery.after(start, 10)));
        calls.put("list by name", _ -> records.list(named, RecordQuery.after(start, 10), () -> items));
        calls.put("prune", _ -> records.prune(items, new Position(1, 1, 0), 10));
        return calls;
    }

    private long rowsRead() {
        return number("SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'record'");
    }

    private long sequentialScans() {
        return number("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'record'");
    }

    private long number(String sql) {
        return db.withHandle(h -> {
            h.execute("SELECT pg_stat_force_next_flush()");
            return h.createQuery(sql).mapTo(Long.class).one();
        });
    }
}
