package dev.millrace.server.function.js;

import static dev.millrace.server.function.js.FunctionHarness.action;
import static dev.millrace.server.function.js.FunctionHarness.silent;
import static dev.millrace.server.function.js.FunctionHarness.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.function.js.RuntimeConfig.PoolLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pool of one environment, with real workers. */
@Tag("slow")
final class PoolTest {
    private static final Launcher LAUNCHER = new Launcher(new FunctionHarness().config());
    private static final Duration LONG = Duration.ofMinutes(1);

    private Pool pool = new Pool(PoolTest::launch, new PoolLimits(1, 1, 100, LONG, LONG));

    private static Worker launch() throws IOException {
        return LAUNCHER.launch("pooled");
    }

    private void limits(int workers, int concurrent, int executions, Duration age, Duration idle) {
        pool = new Pool(PoolTest::launch, new PoolLimits(workers, concurrent, executions, age, idle));
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void those_who_wait_get_a_place_in_the_order_they_came() throws Exception {
        var first = acquire();
        var order = new CopyOnWriteArrayList<Integer>();
        var waiting = new CopyOnWriteArrayList<Thread>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            var thread = Thread.ofVirtual().start(() -> {
                var worker = acquired();
                order.add(number);
                pool.release(worker);
            });
            await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            waiting.add(thread);
        }

        pool.release(first);
        // Who comes now would find a free place for a moment, and must not take it.
        pool.release(acquire());

        for (var thread : waiting) {
            thread.join();
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void callers_of_a_full_pool_return_at_their_deadline() throws Exception {
        var worker = acquire();

        assertThat(pool.acquire(Pool.deadline(Duration.ofMillis(20)))).isNull();

        pool.release(worker);
        assertThat(acquire()).isSameAs(worker);
    }

    @Test
    void one_worker_takes_as_many_executions_as_it_may() throws Exception {
        limits(1, 3, 100, LONG, LONG);

        assertThat(List.of(acquire(), acquire(), acquire()))
                .containsOnly(pool.workers().getFirst());
        assertThat(pool.acquire(Pool.deadline(Duration.ofMillis(20)))).isNull();
    }

    @Test
    void a_worker_that_has_served_its_executions_is_replaced() throws Exception {
        limits(1, 2, 2, LONG, LONG);
        var worker = acquire();
        run(worker);
        run(worker);
        pool.release(worker);

        var next = acquire();

        assertThat(next.pid()).isNotEqualTo(worker.pid());
        assertThat(pool.retire()).containsExactly(worker);
        ended(worker);
        run(next);
    }

    @Test
    void an_old_worker_finishes_what_it_has_and_is_replaced() throws Exception {
        limits(1, 2, 100, Duration.ofSeconds(2), LONG);
        var worker = acquire();
        await().until(() -> worker.age().compareTo(Duration.ofSeconds(2)) > 0);
        assertThat(pool.retire()).isEmpty();
        run(worker);

        pool.release(worker);

        assertThat(pool.retire()).containsExactly(worker);
        ended(worker);
    }

    @Test
    void an_idle_environment_holds_no_worker() throws Exception {
        limits(1, 2, 100, LONG, Duration.ZERO);
        var worker = acquire();
        run(worker);
        assertThat(pool.retire()).isEmpty();

        pool.release(worker);

        assertThat(pool.retire()).containsExactly(worker);
        ended(worker);
        assertThat(pool.workers()).isEmpty();
        run(acquire());
    }

    @Test
    void a_dead_worker_is_replaced() throws Exception {
        var worker = acquire();
        worker.kill("function_runtime_other");
        await().until(worker::isDead);
        pool.release(worker);

        run(acquire());
    }

    private Worker acquire() throws Exception {
        var worker = pool.acquire(Pool.deadline(LONG));
        return Objects.requireNonNull(worker, "no place came free");
    }

    private Worker acquired() {
        try {
            return acquire();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void run(Worker worker) throws InterruptedException {
        assertThat(text(worker.run(action(1, "return 1"), silent(), Pool.deadline(LONG))))
                .isEqualTo("1");
    }

    private static void ended(Worker worker) {
        worker.stop();
        await().until(() ->
                !ProcessHandle.of(worker.pid()).map(ProcessHandle::isAlive).orElse(false));
    }
}
