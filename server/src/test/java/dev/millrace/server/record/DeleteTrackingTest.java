package dev.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeleteTrackingTest {
    private static final String SYNC = "sync:items:base";

    private final Shelf shelf = new Shelf();
    private final Records records = shelf.records;
    private final Dataset items = shelf.items;

    @AfterEach
    void the_counters_tell_the_truth() {
        assertThat(shelf.counters()).isEqualTo(shelf.counted());
        shelf.close();
    }

    @Test
    void what_a_window_did_not_see_is_deleted_and_keeps_its_content() {
        shelf.save(1, "{\"id\":\"same\"}", "{\"id\":\"changed\"}", "{\"id\":\"gone\",\"x\":1}");

        records.trackStart(items, SYNC, 2);
        shelf.save(2, "{\"id\":\"same\"}", "{\"id\":\"changed\",\"x\":2}");
        shelf.save(2, "{\"id\":\"new\"}");
        var deleted = records.trackEnd(items, SYNC, DeleteGuard.OFF);

        assertThat(deleted).containsExactly("gone");
        assertThat(Shelf.action(shelf.one("gone"))).isEqualTo("DELETED");
        assertThat(Shelf.content(shelf.one("gone"))).isEqualTo("{\"id\":\"gone\",\"x\":1}");
        assertThat(records.live(items)).isEqualTo(3);
        assertThat(seenRows()).isZero();
    }

    @Test
    void a_window_outlives_a_failed_run() {
        shelf.save(1, "{\"id\":\"a\"}", "{\"id\":\"b\"}", "{\"id\":\"c\"}");

        records.trackStart(items, SYNC, 2);
        shelf.save(2, "{\"id\":\"a\"}");
        records.trackStart(items, SYNC, 3);
        shelf.save(3, "{\"id\":\"b\"}");

        assertThat(records.trackEnd(items, SYNC, DeleteGuard.OFF)).containsExactly("c");
    }

    @Test
    void what_a_webhook_saves_within_the_window_counts_as_seen() {
        shelf.save(1, "{\"id\":\"a\"}", "{\"id\":\"b\"}", "{\"id\":\"old\"}");

        records.trackStart(items, SYNC, 5);
        shelf.save(6, "{\"id\":\"a\"}");
        shelf.save(4, "{\"id\":\"old\"}");
        records.update(items, Writer.of(7), Shelf.texts("{\"id\":\"b\"}"));

        assertThat(records.trackEnd(items, SYNC, DeleteGuard.OFF)).containsExactly("old");
    }

    @Test
    void ending_what_was_not_started_is_refused() {
        assertThatThrownBy(() -> records.trackEnd(Dataset.of(1, "Item", "v2"), SYNC, DeleteGuard.OFF))
                .isInstanceOf(RecordsRefused.class)
                .hasMessage("No track deletes starting point found for model 'Item'.");

        records.trackStart(items, SYNC, 1);
        records.trackEnd(items, SYNC, DeleteGuard.OFF);
        assertThatThrownBy(() -> records.trackEnd(items, SYNC, DeleteGuard.OFF)).isInstanceOf(RecordsRefused.class);
    }

    @Test
    void an_abandoned_window_deletes_nothing() {
        shelf.save(1, "{\"id\":\"a\"}");
        records.trackStart(items, SYNC, 2);

        records.trackAbandon(1, SYNC);

        assertThatThrownBy(() -> records.trackEnd(items, SYNC, DeleteGuard.OFF)).isInstanceOf(RecordsRefused.class);
        assertThat(records.live(items)).isEqualTo(1);
    }

    @Test
    void variants_have_windows_of_their_own() {
        var variant = Dataset.of(1, "Item", "v2");
        shelf.save(1, "{\"id\":\"a\"}");
        records.save(variant, Writer.of(1), Shelf.texts("{\"id\":\"a\"}", "{\"id\":\"b\"}"));

        records.trackStart(variant, SYNC, 2);
        records.save(variant, Writer.of(2), Shelf.texts("{\"id\":\"a\"}"));

        assertThat(records.trackEnd(variant, SYNC, DeleteGuard.OFF)).containsExactly("b");
        assertThat(records.live(items)).isEqualTo(1);
    }

    @Test
    void a_run_may_delete_what_it_alone_was_not_given() {
        shelf.save(1, "{\"id\":\"a\"}", "{\"id\":\"b\"}");
        records.save(items, Writer.of(2).keepingSeen(), Shelf.texts("{\"id\":\"b\"}"));
        records.save(items, Writer.of(3).keepingSeen(), Shelf.texts("{\"id\":\"a\"}"));

        assertThat(records.deletePrevious(items, 3, DeleteGuard.OFF)).containsExactly("b");
        // Run 2 may still be under way: what it saw is kept for it.
        assertThat(seenRows()).isEqualTo(1);
    }

    @Test
    void more_than_a_batch_is_deleted() {
        for (int i = 0; i < 25_000; i += 5_000) {
            records.save(items, Writer.of(1), Shelf.numbered(i, i + 5_000, 0));
        }

        records.trackStart(items, SYNC, 2);
        records.save(items, Writer.of(2), Shelf.numbered(12_000, 12_100, 0));

        assertThat(records.trackEnd(items, SYNC, DeleteGuard.OFF))
                .hasSize(24_900)
                .doesNotContain("i12000", "i12099");
        assertThat(records.live(items)).isEqualTo(100);
    }

    @Test
    void a_refused_end_deletes_nothing_and_keeps_the_window() {
        records.save(items, Writer.of(1), Shelf.numbered(0, 1_000, 0));
        var guard = new DeleteGuard(50, 100);
        records.trackStart(items, SYNC, 2);
        records.save(items, Writer.of(2), Shelf.numbered(0, 499, 0));

        assertThatThrownBy(() -> records.trackEnd(items, SYNC, guard))
                .isInstanceOf(RecordsRefused.Deletes.class)
                .hasMessageContaining("more than 500 of the 1000 live records of model 'Item'");

        assertThat(records.live(items)).isEqualTo(1_000);
        assertThat(records.tracks(1, SYNC)).isTrue();
        // The window goes on: what is seen later counts, too.
        records.save(items, Writer.of(3), Shelf.numbered(499, 500, 0));
        assertThat(records.trackEnd(items, SYNC, guard)).hasSize(500);
    }

    private long seenRows() {
        return shelf.db.withHandle(h -> h.createQuery("SELECT count(*) FROM seen_slice")
                .mapTo(Long.class)
                .one());
    }
}
