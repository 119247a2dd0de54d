package dev.millrace.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.record.Saved;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class SavesTest {
    private final Saves saves = new Saves();
    private final List<String> written = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch free = new CountDownLatch(1);

    private static Saved one() {
        return new Saved(1, 0, 0, 0, List.of());
    }

    private Supplier<Supplier<Saved>> writing(String what) {
        return () -> () -> {
            written.add(what);
            return one();
        };
    }

    private Saved held() {
        try {
            free.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        written.add("held");
        return one();
    }

    @Test
    void a_save_returns_before_it_is_written_and_the_next_of_its_model_waits_for_it() throws Exception {
        saves.save("A", () -> this::held, _ -> {});
        saves.save("B", writing("of another model"), _ -> {});
        var next = Thread.ofVirtual().start(() -> saveNext());
        while (next.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
        assertThat(written).doesNotContain("held", "next");

        free.countDown();
        next.join();
        saves.settle();
        assertThat(written.subList(written.indexOf("held"), written.size())).containsSubsequence("held", "next");
    }

    private void saveNext() {
        try {
            saves.save("A", writing("next"), _ -> {});
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_refusal_is_thrown_at_once_and_affects_no_other_save() throws Exception {
        assertThatThrownBy(() -> saves.save(
                        "A",
                        () -> {
                            throw new IllegalArgumentException("no id");
                        },
                        _ -> {}))
                .hasMessage("no id");

        saves.save("A", writing("good"), _ -> {});
        saves.settle();
        assertThat(written).containsExactly("good");
    }

    @Test
    void a_failure_is_told_to_whoever_asks_from_then_on() throws Exception {
        saves.save(
                "A",
                () -> () -> {
                    throw new IllegalStateException("gone");
                },
                _ -> {});
        saves.save("B", writing("good"), _ -> {});

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(saves::settle).hasMessage("gone");
            assertThatThrownBy(() -> saves.save("A", writing("more"), _ -> {})).hasMessage("gone");
        }
        saves.finish();
        assertThat(written).containsExactly("good");
    }

    @Test
    void the_end_waits_for_what_is_being_written_even_when_it_is_interrupted() throws Exception {
        saves.save("A", () -> this::held, _ -> {});
        var ended = Thread.ofVirtual().start(() -> {
            Thread.currentThread().interrupt();
            saves.finish();
            written.add(Thread.currentThread().isInterrupted() ? "end, interrupted" : "end");
        });
        while (ended.getState() != Thread.State.WAITING) {
            LockSupport.parkNanos(1_000_000);
        }

        free.countDown();
        ended.join();
        assertThat(written).containsExactly("held", "end, interrupted");
    }

    @Test
    void many_savers_of_one_model_write_one_after_the_other() throws Exception {
        var open = new AtomicInteger();
        var most = new AtomicInteger();
        var done = new AtomicInteger();
        var calls = Collections.nCopies(500, (Callable<Boolean>) () -> {
            saves.save(
                    "A",
                    () -> {
                        most.accumulateAndGet(open.incrementAndGet(), Math::max);
                        return () -> {
                            open.decrementAndGet();
                            return one();
                        };
                    },
                    _ -> done.incrementAndGet());
            return true;
        });
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var saved : threads.invokeAll(calls)) {
                assertThat(saved.get()).isTrue();
            }
        }
        saves.settle();
        assertThat(done).hasValue(500);
        assertThat(most).hasValue(1);
    }
}
