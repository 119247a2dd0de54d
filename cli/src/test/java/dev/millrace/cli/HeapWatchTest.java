package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapWatchTest {
    private static final long MB = 1024 * 1024;

    private final List<Long> collected = new ArrayList<>();
    private long used;
    private long live;

    private final HeapWatch watch = new HeapWatch(() -> used, () -> {
        collected.add(used / MB);
        used = live;
    });

    private void looksAt(long megabytes) {
        used = megabytes * MB;
        watch.look();
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
                looksAt(megabytes);
            }
        }

        assertThat(collected).containsExactly(180L, 180L, 180L);
    }

    @Test
    void what_is_live_is_not_gone_through_again_and_again() {
        live = 500 * MB;
        looksAt(520);

        looksAt(540);
        looksAt(990);
        assertThat(collected).containsExactly(520L);

        live = 60 * MB;
        looksAt(1_010);
        looksAt(250);
        assertThat(collected).containsExactly(520L, 1_010L, 250L);
    }
}
