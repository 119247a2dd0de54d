package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.HeapWatch.Room;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapWatchTest {
    private static final long MB = 1024 * 1024;

    private final List<String> collected = new ArrayList<>();
    private long used;
    private long live;
    private long collections;

    private final HeapWatch watch = new HeapWatch(new HeapWatch.Heap() {
        @Override
        public long used() {
            return used;
        }

        @Override
        public long youngCollections() {
            return collections;
        }

        @Override
        public void collect(Room room) {
            collected.add(used / MB + " " + room);
            used = live;
        }
    });

    private void looksAt(long megabytes) {
        used = megabytes * MB;
        watch.look();
    }

    private void passes(int seconds, int collectionsEach) {
        for (int second = 0; second < seconds; second++) {
            collections += collectionsEach;
            watch.look();
        }
    }

    @Test
    void a_small_heap_is_left_alone() {
        looksAt(50);
        looksAt(150);

        assertThat(collected).isEmpty();
    }

    @Test
    void garbage_is_collected_before_the_heap_is_large() {
        live = 40 * MB;

        for (int pass = 0; pass < 3; pass++) {
            for (long megabytes = 40; megabytes <= 180; megabytes += 20) {
                collections++;
                looksAt(megabytes);
            }
        }

        assertThat(collected).containsExactly("180 AMPLE", "180 AMPLE", "180 AMPLE");
    }

    @Test
    void what_is_live_is_not_gone_through_again_and_again() {
        live = 500 * MB;
        looksAt(520);

        looksAt(540);
        looksAt(990);
        assertThat(collected).containsExactly("520 AMPLE");

        live = 60 * MB;
        looksAt(1_010);
        looksAt(250);
        assertThat(collected).containsExactly("520 AMPLE", "1010 AMPLE", "250 AMPLE");
    }

    @Test
    void a_young_generation_that_is_collected_all_the_time_grows_once() {
        live = 30 * MB;
        used = 60 * MB;

        passes(1, 5);
        passes(1, 0);
        passes(1, 5);
        assertThat(collected).isEmpty();

        passes(60, 5);
        assertThat(collected).containsExactly("60 AMPLE");
    }

    @Test
    void a_server_that_has_become_quiet_gives_back_what_it_does_not_need() {
        live = 30 * MB;
        used = 60 * MB;
        passes(10, 5);
        used = 45 * MB;

        passes(60, 0);
        assertThat(collected).containsExactly("60 AMPLE", "45 LITTLE");

        passes(10, 5);
        assertThat(collected).endsWith("45 LITTLE", "30 AMPLE");
    }

    @Test
    void a_quiet_server_is_collected_again_only_when_it_pays() {
        live = 30 * MB;
        looksAt(45);
        passes(40, 0);
        assertThat(collected).containsExactly("45 LITTLE");

        used = 40 * MB;
        passes(200, 0);
        assertThat(collected).hasSize(1);

        used = 47 * MB;
        passes(20, 0);
        assertThat(collected).containsExactly("45 LITTLE", "47 LITTLE");
    }

    @Test
    void a_server_with_some_work_is_not_quiet() {
        used = 100 * MB;
        for (int pass = 0; pass < 20; pass++) {
            passes(1, 1);
            passes(9, 0);
        }

        assertThat(collected).isEmpty();
    }
}
