package dev.millrace.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchedTest {
    private final ConcurrentLinkedQueue<List<Integer>> batches = new ConcurrentLinkedQueue<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final Semaphore begun = new Semaphore(0);
    private final Batched<Integer, String> lookup = new Batched<>(keys -> {
        batches.add(keys);
        begun.release();
        if (keys.contains(0)) {
            awaitRelease();
        }
        if (keys.contains(-1)) {
            throw new IllegalStateException("no");
        }
        return keys.stream().map(key -> "v" + key).toList();
    });

    private void awaitRelease() {
        try {
            released.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void calls_that_arrive_during_a_lookup_share_the_next_one() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> lookup.get(0));
            begun.acquire();
            var others = new ArrayList<Future<String>>();
            for (int key = 1; key <= 250; key++) {
                int wanted = key % 50;
                others.add(threads.submit(() -> lookup.get(wanted + 1)));
            }
            await().until(() -> waiting() == 250);
            released.countDown();

            assertThat(first.get()).isEqualTo("v0");
            for (int key = 1; key <= 250; key++) {
                assertThat(others.get(key - 1).get()).isEqualTo("v" + (key % 50 + 1));
            }
        }
        assertThat(batches).extracting(List::size).containsExactly(1, 200, 50);
        assertThat(lookup.get(7)).isEqualTo("v7");
    }

    private int waiting() {
        return lookup.waiting();
    }

    @Test
    void a_failure_concerns_its_batch_only_and_an_interrupted_call_does_not_stop_others() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> lookup.get(0));
            begun.acquire();
            var interrupted = threads.submit(() -> lookup.get(1));
            await().until(() -> waiting() == 1);
            var failing = threads.submit(() -> lookup.get(-1));
            await().until(() -> waiting() == 2);
            interrupted.cancel(true);
            await().until(() -> waiting() == 1);
            released.countDown();

            assertThat(first.get()).isEqualTo("v0");
            assertThatThrownBy(failing::get).hasRootCauseMessage("no");
        }
        assertThat(batches).containsExactly(List.of(0), List.of(-1));
        assertThat(lookup.get(2)).isEqualTo("v2");
    }
}
