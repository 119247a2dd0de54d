package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.TakeoverScene;
import dev.millrace.server.testkit.TakeoverScene.Gate;
import dev.millrace.server.testkit.TakeoverScene.Step;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A run ends once, on one server: also when the server that began it is stopped for a while and goes on then. */
@Tag("slow")
class TakeoverTest {
    private static final String MINUTES = "millrace.takeover.minutes";
    private static final String SEED = "millrace.takeover.seed";

    /** What the guide promises. */
    private static final Duration TAKEOVER = Duration.ofSeconds(45);

    /** Before each of these the server is stopped; what the run has saved by then. */
    private static final Map<String, List<String>> MOMENTS = Map.of(
            "open", List.of(),
            "save", List.of(),
            "checkpoint", List.of("a0"),
            "metadata", List.of("a0"),
            "lock", List.of("a0"),
            "trigger", List.of("a0"),
            "close", List.of("a0"),
            "end", List.of("a0", "b0"));

    @Test
    @Timeout(300)
    void a_server_that_was_stopped_writes_nothing_for_runs_that_another_one_has_taken_over() throws Exception {
        var moments = List.copyOf(MOMENTS.keySet());
        try (var scene = new TakeoverScene(moments, 1)) {
            var first = new ConcurrentHashMap<String, Long>();
            Function<Step, Boolean> isFirst =
                    step -> first.computeIfAbsent(step.connection(), _ -> step.run()) == step.run();
            var stopped = new Gate(step -> isFirst.apply(step) && step.name().equals(step.connection()));
            var goesOn = new Gate(step -> !isFirst.apply(step) && step.name().equals("close"));
            scene.gates(stopped, goesOn);
            moments.forEach(moment -> scene.trigger(0, moment));
            await().atMost(TakeoverScene.LONGEST_WAIT)
                    .until(() -> stopped.reached().size() == moments.size());
            scene.start(1);

            scene.server(0).freeze();
            stopped.open();
            long began = System.nanoTime();
            await().atMost(TakeoverScene.LONGEST_WAIT)
                    .until(() -> goesOn.reached().size() == moments.size());
            var takeover = Duration.ofNanos(System.nanoTime() - began);
            scene.server(0).thaw();
            await().atMost(TakeoverScene.LONGEST_WAIT)
                    .until(() -> first.values().stream().allMatch(run -> scene.toldOfLoss(run) == 2));

            assertThat(takeover).isLessThan(TAKEOVER);
            var second = goesOn.reached().stream().collect(Collectors.toMap(Step::connection, Step::run));
            for (var moment : moments) {
                checkTakenOver(scene, moment, first.getOrDefault(moment, 0L), second.getOrDefault(moment, 0L));
            }
            goesOn.open();
            scene.awaitIdle();
            for (var moment : moments) {
                checkEnded(scene, moment, first.getOrDefault(moment, 0L), second.getOrDefault(moment, 0L));
            }
            System.out.println("Takeover of " + moments.size() + " runs after " + takeover.toMillis() + " ms");
        }
    }

    /** The run that follows is under way, and only it has written since it began. */
    private static void checkTakenOver(TakeoverScene scene, String moment, long first, long second) {
        assertThat(scene.runs(moment, "steps"))
                .as(moment)
                .containsExactly(first + " STOPPED lease_lost", second + " RUNNING");
        assertThat(scene.records(1, moment))
                .as(moment)
                .filteredOn(record -> !record.endsWith(" deleted"))
                .contains("shared by " + second, second + "-a0 by " + second)
                .doesNotContain("shared by " + first);
        assertThat(scene.records(1, moment))
                .as(moment)
                .filteredOn(record -> record.startsWith(first + "-"))
                .hasSameSizeAs(MOMENTS.getOrDefault(moment, List.of()));
        assertThat(scene.rows(
                        "SELECT value ->> 'run' FROM checkpoint p JOIN connection c ON c.id = p.connection_id"
                                + " WHERE c.connection_id = ? AND p.deleted_at IS NULL",
                        moment))
                .as(moment)
                .containsExactly(String.valueOf(second));
        assertThat(scene.rows(
                        "SELECT body ->> 'by' FROM metadata m JOIN connection c ON c.id = m.connection_id"
                                + " WHERE c.connection_id = ?",
                        moment))
                .as(moment)
                .containsExactly(String.valueOf(second));
        assertThat(scene.rows(
                        "SELECT r.id FROM function_lock l JOIN run r ON r.operation::text = l.owner"
                                + " WHERE l.key = ?",
                        moment))
                .as(moment)
                .containsExactly(String.valueOf(second));
        assertThat(scene.rows(
                        "SELECT t.sync_key FROM delete_tracking t JOIN dataset d USING (dataset_id)"
                                + " JOIN connection c ON c.id = d.connection_id WHERE c.connection_id = ?",
                        moment))
                .as("open windows of " + moment)
                .containsExactly("sync:steps:base");
    }

    private static void checkEnded(TakeoverScene scene, String moment, long first, long second) {
        assertThat(scene.runs(moment, "steps"))
                .as(moment)
                .containsExactly(first + " STOPPED lease_lost", second + " SUCCESS");
        // Once by each run that came so far before it was stopped.
        assertThat(scene.runs(moment, "other"))
                .as(moment)
                .hasSizeLessThanOrEqualTo(List.of("close", "end").contains(moment) ? 2 : 1)
                .allMatch(run -> run.endsWith("SUCCESS"));
        assertThat(scene.records(1, moment))
                .as(moment)
                .contains("shared by " + second, second + "-a0 by " + second, second + "-b0 by " + second);
        assertThat(scene.rows(
                        "SELECT o.status FROM operation o WHERE connection = ? AND function = 'steps'"
                                + " ORDER BY started_at",
                        moment))
                .as(moment)
                .containsExactly("interrupted", "success");
    }

    @Test
    @Timeout(300)
    void runs_of_a_killed_server_go_on_elsewhere() throws Exception {
        try (var scene = new TakeoverScene(List.of("killed"), 1)) {
            var first = new Gate(step -> step.name().equals("close"));
            scene.gates(first);
            scene.trigger(0, "killed");
            await().atMost(TakeoverScene.LONGEST_WAIT)
                    .until(() -> first.reached().size() == 1);
            scene.start(1);
            long run = first.reached().iterator().next().run();

            scene.server(0).kill();
            long began = System.nanoTime();
            first.open();

            await().atMost(TakeoverScene.LONGEST_WAIT)
                    .until(() -> scene.steps().stream().anyMatch(step -> step.run() > run));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(TAKEOVER);
            scene.awaitIdle();
            assertThat(scene.runs("killed", "steps"))
                    .hasSize(2)
                    .last()
                    .asString()
                    .endsWith("SUCCESS");
            assertThat(scene.toldOfLoss(run)).isEqualTo(1);
            scene.start(0);
        }
    }

    /** {@code CONTRIBUTING.md} says how. */
    @Test
    @Timeout(24 * 3_600)
    @EnabledIfSystemProperty(named = MINUTES, matches = ".+")
    void whenever_a_server_is_stopped_or_killed_its_runs_write_nothing_more() throws Exception {
        long seed = Long.getLong(SEED, 1);
        var random = new Random(seed);
        var connections = List.of("c0", "c1", "c2", "c3");
        long end = System.nanoTime()
                + (long) (Double.parseDouble(System.getProperty(MINUTES))
                        * Duration.ofMinutes(1).toNanos());
        int rounds = 0;
        int lost = 0;
        try (var scene = new TakeoverScene(connections, 200)) {
            scene.start(1);
            while (System.nanoTime() - end < 0) {
                scene.gates();
                connections.forEach(connection -> scene.trigger(random.nextInt(2), connection));
                await().atMost(TakeoverScene.LONGEST_WAIT)
                        .until(() -> scene.steps().size() > random.nextInt(400));
                int victim = scene.busy();
                boolean isKilled = random.nextInt(4) == 0;
                if (isKilled) {
                    scene.server(victim).kill();
                } else {
                    scene.server(victim).freeze();
                }
                await().pollDelay(Duration.ofMillis(15_000 + random.nextInt(15_000)))
                        .atMost(TakeoverScene.LONGEST_WAIT)
                        .until(() -> true);
                if (isKilled) {
                    scene.start(victim);
                } else {
                    scene.server(victim).thaw();
                }
                scene.awaitIdle();
                for (var connection : connections) {
                    assertThat(scene.writtenByLosers(victim, connection))
                            .as("round %d; -D%s=%d", rounds, SEED, seed)
                            .isEmpty();
                }
                assertThat(scene.rows("SELECT DISTINCT status FROM run WHERE finished_at IS NULL"))
                        .isEmpty();
                rounds++;
                lost = Integer.parseInt(scene.rows("SELECT count(*) FROM run WHERE error ->> 'type' = 'lease_lost'")
                        .getFirst());
            }
            assertThat(scene.rows("""
                    SELECT r.id FROM run r JOIN operation o ON o.id = r.operation
                     WHERE (r.status = 'SUCCESS') <> (o.status = 'success')
                    """)).isEmpty();
        }
        System.out.println("Takeover: " + rounds + " rounds, " + lost + " runs lost");
        assertThat(lost).isPositive();
    }
}
