package dev.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PruningTest {
    private final Shelf shelf = new Shelf();
    private final Records records = shelf.records;

    @BeforeEach
    void ten_records() {
        records.save(shelf.items, Writer.of(1), Shelf.numbered(0, 5, 0));
        records.save(shelf.items, Writer.of(1), Shelf.numbered(5, 10, 0));
    }

    @AfterEach
    void the_counters_tell_the_truth() {
        assertThat(shelf.counters()).isEqualTo(shelf.counted());
        shelf.close();
    }

    @Test
    void pruning_goes_up_to_and_including_the_cursor_and_moves_nothing() {
        var before = shelf.all();
        var until = Shelf.position(before.get(6));

        var first = records.prune(shelf.items, until, 4);
        var second = records.prune(shelf.items, until, 3);
        var third = records.prune(shelf.items, until, 100);

        assertThat(first).isEqualTo(new Pruned(4, true));
        assertThat(second).isEqualTo(new Pruned(3, false));
        assertThat(third).isEqualTo(new Pruned(0, false));
        var after = shelf.all();
        assertThat(after)
                .extracting(Shelf::position)
                .isEqualTo(before.stream().map(Shelf::position).toList());
        assertThat(after.subList(0, 7)).allSatisfy(r -> {
            assertThat(r.propertyNames()).containsExactly("id", Shelf.META);
            assertThat(r.get(Shelf.META).get("pruned_at").isString()).isTrue();
            assertThat(Shelf.action(r)).isEqualTo("ADDED");
        });
        assertThat(after.subList(7, 10)).isEqualTo(before.subList(7, 10));
        assertThat(records.live(shelf.items)).isEqualTo(10);
    }

    @Test
    void a_pruned_record_saved_unchanged_is_restored_in_its_place() {
        var before = shelf.all();
        records.prune(shelf.items, Shelf.position(before.getLast()), 100);

        var saved = records.save(shelf.items, Writer.of(2), Shelf.numbered(3, 5, 0));
        var again = records.prune(shelf.items, Shelf.position(before.getLast()), 100);

        assertThat(saved.unchanged()).isEqualTo(2);
        assertThat(again).isEqualTo(new Pruned(2, false));
    }

    @Test
    void restoring_brings_back_the_very_record() {
        var before = shelf.all();
        records.prune(shelf.items, Shelf.position(before.getLast()), 100);

        records.save(shelf.items, Writer.of(2), Shelf.numbered(0, 10, 0));

        assertThat(shelf.all()).isEqualTo(before);
    }

    @Test
    void a_pruned_record_saved_differently_is_updated_and_an_update_becomes_all_of_it() {
        records.prune(shelf.items, Shelf.position(shelf.all().getLast()), 100);

        var saved = records.save(shelf.items, Writer.of(2), Shelf.numbered(0, 1, 7));
        var updated = records.update(shelf.items, Writer.of(2), Shelf.texts("{\"id\":\"i1\",\"part\":1}"));

        assertThat(saved.updated()).isEqualTo(1);
        assertThat(updated.updated()).isEqualTo(1);
        assertThat(Shelf.content(shelf.one("i0"))).isEqualTo("{\"id\":\"i0\",\"revision\":7}");
        assertThat(Shelf.content(shelf.one("i1"))).isEqualTo("{\"id\":\"i1\",\"part\":1}");
        assertThat(shelf.one("i1").get(Shelf.META).get("pruned_at").isNull()).isTrue();
    }

    @Test
    void a_cursor_in_the_future_does_not_hide_what_comes_later() {
        long future = Times.micros(Instant.parse("2199-01-01T00:00:00Z"));
        assertThat(records.prune(shelf.items, new Position(future, 1, 0), 100)).isEqualTo(new Pruned(10, false));

        records.save(shelf.items, Writer.of(2), Shelf.numbered(10, 12, 0));

        assertThat(records.prune(shelf.items, new Position(future, 1, 0), 100)).isEqualTo(new Pruned(2, false));
    }

    @Test
    void unknown_datasets_have_nothing_to_prune() {
        assertThat(records.prune(new Dataset(9, "Nope"), new Position(1, 1, 0), 10))
                .isEqualTo(new Pruned(0, false));
    }

    @Test
    void records_unchanged_for_long_are_found_and_pruned_by_time() {
        var sixth = Shelf.position(shelf.all().get(5));
        var time = Times.instant(sixth.modified());

        assertThat(records.aged(0, time.minusNanos(1_000), Instant.EPOCH).prunable())
                .containsExactly(shelf.items);
        assertThat(records.pruneUnchangedSince(time.minusNanos(1_000), shelf.items, 3))
                .isEqualTo(new Pruned(3, true));
        assertThat(records.pruneUnchangedSince(time.minusNanos(1_000), shelf.items, 3))
                .isEqualTo(new Pruned(2, false));
        assertThat(records.aged(0, time.minusNanos(1_000), Instant.EPOCH).prunable())
                .isEmpty();
        assertThat(records.pruneUnchangedSince(time, shelf.items, 100)).isEqualTo(new Pruned(5, false));
        assertThat(records.pruneUnchangedSince(time, shelf.items, 100)).isEqualTo(new Pruned(0, false));
    }

    @Test
    void datasets_are_looked_at_in_portions() {
        for (int i = 0; i < 1_200; i++) {
            records.save(new Dataset(1_000 + i, "Item"), Writer.of(1), Shelf.texts("{\"id\":\"a\"}"));
        }
        var future = Instant.parse("2199-01-01T00:00:00Z");

        var first = records.aged(0, future, future);
        var second = records.aged(first.next().orElseThrow(), future, future);

        assertThat(first.prunable()).hasSize(1_000);
        assertThat(second.unwritten()).hasSize(201);
        assertThat(second.next()).isEmpty();
    }
}
