package dev.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardTest {
    private final Shelf shelf = new Shelf();
    private final Records records = shelf.records;

    @AfterEach
    void close() {
        shelf.close();
    }

    @Test
    void what_a_webhook_changed_since_the_start_is_left_alone() {
        shelf.save(1, "{\"id\":\"hooked\",\"v\":1}", "{\"id\":\"plain\",\"v\":1}", "{\"id\":\"dead\",\"v\":1}");
        var guarded = Writer.of(2).guardedBy(records.guard(shelf.items));
        shelf.save(3, "{\"id\":\"hooked\",\"v\":\"hook\"}", "{\"id\":\"dead\",\"v\":\"hook\"}");

        var saved = records.save(
                shelf.items,
                guarded,
                Shelf.texts("{\"id\":\"hooked\",\"v\":2}", "{\"id\":\"plain\",\"v\":2}", "{\"id\":\"new\",\"v\":2}"));
        var deleted = records.delete(shelf.items, guarded, Shelf.texts("{\"id\":\"dead\"}"));

        assertThat(saved).isEqualTo(new Saved(1, 1, 0, 0, List.of()));
        assertThat(deleted.deleted()).isZero();
        assertThat(value("hooked")).isEqualTo("\"hook\"");
        assertThat(value("plain")).isEqualTo("2");
    }

    @Test
    void a_run_may_change_its_own_writes_until_another_changes_them() {
        var guarded = Writer.of(2).guardedBy(records.guard(shelf.items));
        records.save(shelf.items, guarded, Shelf.texts("{\"id\":\"a\",\"v\":1}"));

        var own = records.save(shelf.items, guarded, Shelf.texts("{\"id\":\"a\",\"v\":2}"));
        shelf.save(3, "{\"id\":\"a\",\"v\":\"hook\"}");
        var foreign = records.update(shelf.items, guarded, Shelf.texts("{\"id\":\"a\",\"v\":3}"));

        assertThat(own.updated()).isEqualTo(1);
        assertThat(foreign).isEqualTo(new Saved(0, 0, 0, 0, List.of()));
        assertThat(value("a")).isEqualTo("\"hook\"");
    }

    @Test
    void what_the_guard_keeps_counts_as_seen() {
        shelf.save(1, "{\"id\":\"a\"}", "{\"id\":\"b\"}");
        records.trackStart(shelf.items, "sync", 5);
        var guarded = Writer.of(5).guardedBy(records.guard(shelf.items));
        shelf.save(4, "{\"id\":\"a\",\"v\":\"hook\"}");

        records.save(shelf.items, guarded, Shelf.texts("{\"id\":\"a\"}"));

        assertThat(records.trackEnd(shelf.items, "sync", DeleteGuard.OFF)).containsExactly("b");
    }

    private String value(String id) {
        return shelf.one(id).get("v").toString();
    }
}
