package dev.millrace.server.function.js;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The process that looks through scripts before they are deployed. */
final class ScriptScanTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String BAD = "Buffer.constructor('return 1')()";
    private static final String GOOD = "new this.constructor(1)";

    private final RuntimeConfig config = new FunctionHarness().config();

    @Test
    void one_process_answers_many_scans_from_many_threads() throws Exception {
        try (var scan = new ScriptScan(config, LONG, LONG);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(scan.refused(List.of(GOOD, BAD, "constructor", BAD))).containsExactly(1, 3);
            long first = requireNonNull(scan.process()).pid();

            var scans = new ArrayList<Future<List<Integer>>>();
            for (int i = 0; i < 50; i++) {
                var scripts = i % 2 == 0 ? List.of(GOOD) : List.of(GOOD, BAD);
                Callable<List<Integer>> one = () -> scan.refused(scripts);
                scans.add(threads.submit(one));
            }

            for (int i = 0; i < scans.size(); i++) {
                assertThat(scans.get(i).get()).isEqualTo(i % 2 == 0 ? List.of() : List.of(1));
            }
            assertThat(requireNonNull(scan.process()).pid()).isEqualTo(first);
        }
    }

    @Test
    void a_process_that_was_killed_is_replaced() throws Exception {
        try (var scan = new ScriptScan(config, LONG, LONG)) {
            scan.refused(List.of(GOOD));
            for (int i = 0; i < 5; i++) {
                requireNonNull(scan.process()).destroyForcibly();

                assertThat(scan.refused(List.of(BAD))).containsExactly(0);
            }
        }
    }

    @Test
    void hostile_code_runs_or_is_refused_and_affects_nothing_else() throws Exception {
        try (var scan = new ScriptScan(config, LONG, LONG)) {
            var deep = "[".repeat(200_000);
            var nested = "(".repeat(20_000) + "1" + ")".repeat(20_000);
            assertThat(scan.refused(List.of(deep, nested, "\u2028\n\r'\\u0000", "", BAD)))
                    .containsExactly(4);
            assertThat(scan.refused(List.of(BAD))).containsExactly(0);
        }
    }

    @Test
    void a_scan_that_takes_too_long_fails_and_the_next_one_works() throws Exception {
        try (var scan = new ScriptScan(config, Duration.ofMillis(1), LONG)) {
            assertThatThrownBy(() -> scan.refused(List.of("x = ".repeat(300_000) + "1")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("took longer");
        }
        try (var scan = new ScriptScan(config, LONG, LONG)) {
            assertThat(scan.refused(List.of(BAD))).containsExactly(0);
        }
    }

    @Test
    void the_process_ends_when_it_is_not_needed() throws Exception {
        try (var scan = new ScriptScan(config, LONG, Duration.ofMillis(200))) {
            scan.refused(List.of(GOOD));
            var idle = requireNonNull(scan.process());
            await().until(() -> !idle.isAlive());

            assertThat(scan.refused(List.of(BAD))).containsExactly(0);
        }
    }
}
