package dev.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that are stored but do not count as a change. */
class ChangePathsTest {
    private final Shelf shelf = new Shelf();

    @AfterEach
    void close() {
        assertThat(shelf.counters()).isEqualTo(shelf.counted());
        shelf.close();
    }

    private Saved save(String paths, String... json) {
        var writer = Writer.of(1).ignoring(ChangePaths.of(List.of(paths.split(";", -1))));
        return shelf.records.save(shelf.items, writer, Shelf.texts(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at | {\"id\":\"a\",\"at\":1,\"x\":1} | {\"id\":\"a\",\"at\":[2,{}],\"x\":1} | true",
                "$.at | {\"id\":\"a\",\"x\":1} | {\"x\":1,\"at\":2,\"id\":\"a\"} | true",
                "at | {\"id\":\"a\",\"at\":1,\"x\":1} | {\"id\":\"a\",\"at\":1,\"x\":2} | false",
                "at | {\"id\":\"a\",\"m\":{\"at\":1}} | {\"id\":\"a\",\"m\":{\"at\":2}} | false",
                "m.at;m.b.c | {\"id\":\"a\",\"m\":{\"at\":1,\"b\":{\"c\":1}}} | {\"id\":\"a\",\"m\":{\"at\":2,\"b\":{}}} | true",
                "m.at | {\"id\":\"a\",\"m\":1} | {\"id\":\"a\",\"m\":2} | false",
                "l[*].at | {\"id\":\"a\",\"l\":[{\"at\":1},{\"at\":1}]} | {\"id\":\"a\",\"l\":[{\"at\":2},{}]} | true",
                "l[*].at | {\"id\":\"a\",\"l\":[{\"at\":1}]} | {\"id\":\"a\",\"l\":[{\"at\":1},{}]} | false",
                "[\"a.b\"] | {\"id\":\"a\",\"a.b\":1} | {\"id\":\"a\",\"a.b\":2} | true",
            })
    void only_what_counts_is_a_change(String paths, String first, String second, boolean quiet) {
        save(paths, first);
        var before = shelf.one("a");

        var saved = save(paths, second);

        var after = shelf.one("a");
        assertThat(saved).isEqualTo(quiet ? new Saved(0, 0, 0, 1, List.of()) : new Saved(0, 1, 0, 0, List.of()));
        assertThat(Shelf.content(after)).isEqualTo(second);
        assertThat(after.get(Shelf.META).equals(before.get(Shelf.META))).isEqualTo(quiet);
    }

    @Test
    void a_merge_stores_them_as_well() {
        save("at", "{\"id\":\"a\",\"at\":1,\"x\":1}");
        var writer = Writer.of(1).ignoring(ChangePaths.of(List.of("at")));

        var quiet = shelf.records.update(shelf.items, writer, Shelf.texts("{\"id\":\"a\",\"at\":2}"));
        var loud = shelf.records.update(shelf.items, writer, Shelf.texts("{\"id\":\"a\",\"x\":2}"));

        assertThat(quiet.unchanged()).isEqualTo(1);
        assertThat(loud.updated()).isEqualTo(1);
        assertThat(Shelf.content(shelf.one("a"))).isEqualTo("{\"id\":\"a\",\"at\":2,\"x\":2}");
    }

    @Test
    void naming_paths_later_does_not_make_equal_records_changed() {
        shelf.save(1, "{\"id\":\"a\",\"at\":1}");

        assertThat(save("at", "{\"id\":\"a\",\"at\":1}").unchanged()).isEqualTo(1);
        assertThat(save("at", "{\"id\":\"a\",\"at\":2}").updated()).isEqualTo(1);
        assertThat(save("at", "{\"id\":\"a\",\"at\":3}").unchanged()).isEqualTo(1);
        assertThat(shelf.save(1, "{\"id\":\"a\",\"at\":3}").unchanged()).isEqualTo(1);
    }

    @Test
    void a_pruned_record_that_differs_in_them_only_comes_back_in_its_place() {
        save("at", "{\"id\":\"a\",\"at\":1,\"x\":1}");
        var position = Shelf.position(shelf.one("a"));
        shelf.records.prune(shelf.items, position, 10);

        assertThat(save("at", "{\"id\":\"a\",\"at\":2,\"x\":1}").unchanged()).isEqualTo(1);

        assertThat(Shelf.content(shelf.one("a"))).isEqualTo("{\"id\":\"a\",\"at\":2,\"x\":1}");
        assertThat(Shelf.position(shelf.one("a"))).isEqualTo(position);
        assertThat(shelf.records
                        .list(shelf.items, RecordQuery.after(Optional.of(position), 10))
                        .count())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "$", ".", "a.", ".a", "a..b", "a[0]", "a[", "id", "$.id", "[*].a", "a]b"})
    void what_is_no_path_is_refused_by_name(String path) {
        assertThatThrownBy(() -> ChangePaths.of(List.of(path)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + path + "\"");
    }
}
