package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RecordsTest {
    private final Shelf shelf = new Shelf();
    private final Writer writer = Writer.of(1);

    @AfterEach
    void the_counters_tell_the_truth() {
        assertThat(shelf.counters()).isEqualTo(shelf.counted());
        shelf.close();
    }

    @Test
    void a_new_record_is_added_and_reads_back_with_six_metadata_keys() {
        var saved =
                shelf.save(1, "{\"id\":\"a\",\"price\":1.10,\"big\":12345678901234567890,\"nested\":{\"x\":[1,null]}}");

        assertThat(saved).isEqualTo(new Saved(1, 0, 0, 0, List.of()));
        var record = shelf.one("a");
        assertThat(Shelf.content(record))
                .isEqualTo("{\"id\":\"a\",\"price\":1.10,\"big\":12345678901234567890,\"nested\":{\"x\":[1,null]}}");
        var meta = record.get(Shelf.META);
        assertThat(meta.propertyNames())
                .containsExactly(
                        "first_seen_at", "last_modified_at", "last_action", "deleted_at", "pruned_at", "cursor");
        assertThat(meta.get("first_seen_at")).isEqualTo(meta.get("last_modified_at"));
        assertThat(meta.get("first_seen_at").stringValue())
                .matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}(\\.\\d{0,5}[1-9])?\\+00:00");
        assertThat(meta.get("deleted_at").isNull()).isTrue();
        assertThat(Shelf.action(record)).isEqualTo("ADDED");
    }

    @Test
    void the_same_record_in_another_order_of_keys_is_unchanged() {
        shelf.save(1, "{\"id\":\"a\",\"x\":1,\"y\":{\"p\":true,\"q\":\"é\"}}");
        var before = shelf.one("a");

        var saved = shelf.save(2, " {\"y\":{\"q\":\"\\u00e9\",\"p\":true}, \"x\":1, \"id\":\"a\"}\n");

        assertThat(saved).isEqualTo(new Saved(0, 0, 0, 1, List.of()));
        assertThat(shelf.one("a")).isEqualTo(before);
    }

    @Test
    void a_changed_record_is_updated_and_moves_to_the_end() {
        shelf.save(1, "{\"id\":\"a\",\"x\":1}", "{\"id\":\"b\",\"x\":1}");

        var saved = shelf.save(2, "{\"id\":\"a\",\"x\":2}");

        assertThat(saved).isEqualTo(new Saved(0, 1, 0, 0, List.of()));
        assertThat(shelf.all()).extracting(r -> r.get("id").stringValue()).containsExactly("b", "a");
        assertThat(Shelf.action(shelf.one("a"))).isEqualTo("UPDATED");
    }

    @Test
    void a_deleted_record_keeps_its_content_and_is_added_anew_when_saved_again() {
        shelf.save(1, "{\"id\":\"a\",\"x\":1}");
        var first = shelf.one("a");

        var deleted = shelf.records.delete(shelf.items, writer, Shelf.texts("{\"id\":\"a\"}"));
        var gone = shelf.one("a");
        var again = shelf.save(2, "{\"id\":\"a\",\"x\":1}");

        assertThat(deleted).isEqualTo(new Saved(0, 0, 1, 0, List.of()));
        assertThat(Shelf.content(gone)).isEqualTo("{\"id\":\"a\",\"x\":1}");
        assertThat(Shelf.action(gone)).isEqualTo("DELETED");
        assertThat(gone.get(Shelf.META).get("deleted_at"))
                .isEqualTo(gone.get(Shelf.META).get("last_modified_at"));
        assertThat(again.added()).isEqualTo(1);
        assertThat(Shelf.action(shelf.one("a"))).isEqualTo("ADDED");
        assertThat(shelf.one("a").get(Shelf.META).get("first_seen_at"))
                .isNotEqualTo(first.get(Shelf.META).get("first_seen_at"));
    }

    @Test
    void deleting_what_is_unknown_or_deleted_already_changes_nothing() {
        shelf.save(1, "{\"id\":\"a\"}");
        shelf.records.delete(shelf.items, writer, Shelf.texts("{\"id\":\"a\"}"));
        var before = shelf.all();

        var saved = shelf.records.delete(shelf.items, writer, Shelf.texts("{\"id\":\"a\"}", "{\"id\":\"nope\"}"));

        assertThat(saved).isEqualTo(new Saved(0, 0, 0, 0, List.of()));
        assertThat(shelf.all()).isEqualTo(before);
    }

    @Test
    void a_record_may_say_when_it_was_deleted() {
        shelf.save(1, "{\"id\":\"a\"}");

        shelf.records.delete(
                shelf.items, writer, Shelf.texts("{\"id\":\"a\",\"deletedAt\":\"2024-05-01T10:00:00.250Z\"}"));

        assertThat(shelf.one("a").get(Shelf.META).get("deleted_at").stringValue())
                .isEqualTo("2024-05-01T10:00:00.25+00:00");
    }

    @Test
    void of_duplicates_in_a_slice_the_first_counts() {
        var saved = shelf.save(1, "{\"id\":\"a\",\"x\":1}", "{\"id\":\"a\",\"x\":2}", "{\"id\":\"b\"}");

        assertThat(saved).isEqualTo(new Saved(2, 0, 0, 0, List.of("a")));
        assertThat(Shelf.content(shelf.one("a"))).isEqualTo("{\"id\":\"a\",\"x\":1}");
    }

    @Test
    void a_numeric_id_is_read_as_text_and_metadata_is_not_stored() {
        shelf.save(
                1,
                "{\"id\":42,\"_nango_metadata\":{\"cursor\":\"x\"},\"x\":1.50}",
                "{ \"x\" : 1 , \"id\" : \"n\\u0000ul\" , \"_nango_metadata\" : 7 }");

        assertThat(shelf.byId()).containsOnlyKeys("42", "nul");
        assertThat(Shelf.content(shelf.one("42"))).isEqualTo("{\"id\":\"42\",\"x\":1.50}");
        assertThat(Shelf.content(shelf.one("nul"))).isEqualTo("{\"x\":1,\"id\":\"nul\"}");
        assertThat(shelf.save(2, "{\"id\":\"42\",\"x\":1.50}").unchanged()).isEqualTo(1);
    }

    @Test
    void a_record_without_a_usable_id_refuses_the_whole_slice() {
        for (var bad : List.of(
                "{\"x\":1}",
                "{\"id\":\"\"}",
                "{\"id\":0}",
                "{\"id\":null}",
                "{\"id\":true}",
                "{\"id\":{}}",
                "{\"id\":\"" + "x".repeat(256) + "\"}",
                "{\"id\":\"\\ud800\"}",
                "{\"id\":\"a\",\"id\":\"b\"}",
                "{\"id\":\"a\"} {}",
                "{\"id\":\"a\",}",
                "[]",
                "")) {
            assertThatThrownBy(() -> shelf.save(1, "{\"id\":\"good\"}", bad))
                    .as(bad)
                    .isInstanceOf(RecordsRefused.class)
                    .hasMessageContaining("at index 1 ");
        }
        assertThat(shelf.all()).isEmpty();
    }

    @Test
    void an_update_merges_deeply_and_replaces_arrays() {
        shelf.save(1, "{\"id\":\"a\",\"n\":{\"x\":1.0,\"y\":[1,2]},\"keep\":\"k\",\"s\":\"\\ud800\"}");

        var saved = shelf.records.update(
                shelf.items,
                writer,
                Shelf.texts("{\"id\":\"a\",\"n\":{\"y\":[3],\"z\":null},\"new\":2}", "{\"id\":\"unknown\"}"));
        var same = shelf.save(
                2, "{\"id\":\"a\",\"n\":{\"x\":1.0,\"y\":[3],\"z\":null},\"keep\":\"k\",\"s\":\"\\ud800\",\"new\":2}");
        var nothing = shelf.records.update(shelf.items, writer, Shelf.texts("{\"id\":\"a\",\"new\":2}"));

        assertThat(saved).isEqualTo(new Saved(0, 1, 0, 0, List.of()));
        assertThat(Shelf.content(shelf.one("a")))
                .isEqualTo(
                        "{\"id\":\"a\",\"n\":{\"x\":1.0,\"y\":[3],\"z\":null},\"keep\":\"k\",\"s\":\"\ud800\",\"new\":2}");
        assertThat(same.unchanged()).isEqualTo(1);
        assertThat(nothing).isEqualTo(new Saved(0, 0, 0, 1, List.of()));
    }

    @Test
    void an_update_leaves_deleted_records_alone() {
        shelf.save(1, "{\"id\":\"a\",\"x\":1}");
        shelf.records.delete(shelf.items, writer, Shelf.texts("{\"id\":\"a\"}"));

        var saved = shelf.records.update(shelf.items, writer, Shelf.texts("{\"id\":\"a\",\"x\":2}"));

        assertThat(saved).isEqualTo(new Saved(0, 0, 0, 0, List.of()));
        assertThat(Shelf.action(shelf.one("a"))).isEqualTo("DELETED");
    }

    @Test
    void records_are_found_by_id_deleted_ones_too() {
        shelf.save(1, "{\"id\":\"a\"}", "{\"id\":\"b\"}", "{\"id\":\"c\"}");
        shelf.records.delete(shelf.items, writer, Shelf.texts("{\"id\":\"b\"}"));

        var found = Shelf.list(
                Json.parse(new String(shelf.records.get(shelf.items, List.of("b", "c", "nope", "\ud800")), UTF_8)));

        assertThat(found).extracting(r -> r.get("id").stringValue()).containsExactlyInAnyOrder("b", "c");
        assertThat(new String(shelf.records.get(shelf.items, List.of()), UTF_8)).isEqualTo("[]");
    }

    @Test
    void filters_give_the_union_of_the_named_actions() {
        shelf.save(1, "{\"id\":\"added\"}", "{\"id\":\"updated\"}", "{\"id\":\"deleted\"}");
        shelf.save(1, "{\"id\":\"updated\",\"x\":1}");
        shelf.records.delete(shelf.items, writer, Shelf.texts("{\"id\":\"deleted\"}"));

        for (var actions : List.<Set<Action>>of(
                Set.of(),
                Set.of(Action.ADDED),
                Set.of(Action.UPDATED),
                Set.of(Action.DELETED),
                Set.of(Action.ADDED, Action.DELETED),
                Set.of(Action.UPDATED, Action.DELETED),
                Set.of(Action.ADDED, Action.UPDATED),
                Set.of(Action.values()))) {
            var query = new RecordQuery(Optional.empty(), 100, actions, Optional.empty(), List.of(), false);
            var wanted = actions.isEmpty() ? Set.of(Action.values()) : actions;
            assertThat(shelf.read(shelf.items, query))
                    .extracting(Shelf::action)
                    .containsExactlyInAnyOrderElementsOf(
                            wanted.stream().map(Action::name).toList());
        }
    }

    @Test
    void a_cursor_excludes_its_own_record_and_outlives_it() {
        shelf.records.save(shelf.items, writer, Shelf.numbered(0, 5, 0));
        var all = shelf.all();

        var first = shelf.records.list(shelf.items, RecordQuery.after(Optional.empty(), 3));
        var rest = shelf.records.list(
                shelf.items, RecordQuery.after(Position.parse(first.nextCursor().orElseThrow()), 2));
        shelf.save(2, "{\"id\":\"i2\",\"revision\":9}");
        var after = shelf.read(
                shelf.items, RecordQuery.after(Position.parse(first.nextCursor().orElseThrow()), 100));

        assertThat(first.count()).isEqualTo(3);
        assertThat(Shelf.position(all.get(2)).cursor())
                .isEqualTo(first.nextCursor().orElseThrow());
        assertThat(rest.count()).isEqualTo(2);
        assertThat(rest.nextCursor()).isEmpty();
        assertThat(after).extracting(r -> r.get("id").stringValue()).containsExactly("i3", "i4", "i2");
    }

    @Test
    void records_modified_since_a_time_include_that_time() {
        shelf.save(1, "{\"id\":\"a\"}");
        shelf.save(1, "{\"id\":\"b\"}");
        long b = Shelf.position(shelf.one("b")).modified();

        var since = shelf.read(
                shelf.items, new RecordQuery(Optional.empty(), 10, Set.of(), Optional.of(b), List.of(), false));

        assertThat(since).extracting(r -> r.get("id").stringValue()).containsExactly("b");
    }

    @Test
    void variants_and_connections_are_kept_apart() {
        shelf.save(1, "{\"id\":\"a\"}");
        shelf.records.save(Dataset.of(1, "Item", "v2"), writer, Shelf.numbered(0, 2, 0));
        shelf.records.save(Dataset.of(2, "Item", "base"), writer, Shelf.numbered(0, 3, 0));

        assertThat(shelf.records.counts(1)).isEqualTo(Map.of("Item", 1L, "Item::v2", 2L));
        assertThat(shelf.records.live(new Dataset(2, "Item"))).isEqualTo(3);
        shelf.records.deleteAll(1);
        assertThat(shelf.records.counts(1)).isEmpty();
        assertThat(shelf.all(new Dataset(2, "Item"))).hasSize(3);
        shelf.records.delete(new Dataset(2, "Item"));
        assertThat(shelf.records.counts(2)).isEmpty();
    }

    @Test
    void an_emptied_dataset_adds_everything_again_after_all_old_positions() {
        shelf.records.save(shelf.items, writer, Shelf.numbered(0, 10, 0));
        JsonNode last = shelf.all().getLast();

        long removed = shelf.records.empty(shelf.items);
        var saved = shelf.records.save(shelf.items, writer, Shelf.numbered(0, 10, 0));

        assertThat(removed).isEqualTo(10);
        assertThat(saved.added()).isEqualTo(10);
        assertThat(shelf.read(shelf.items, RecordQuery.after(Optional.of(Shelf.position(last)), 100)))
                .hasSize(10);
    }

    @Test
    void content_is_sealed_at_rest() {
        shelf.save(1, "{\"id\":\"a\",\"secret\":\"open sesame\"}");

        var data = shelf.db.withHandle(h ->
                h.createQuery("SELECT data FROM record").mapTo(byte[].class).one());

        assertThat(new String(data, UTF_8)).doesNotContain("sesame");
    }
}
