package dev.millrace.server.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.action.ActionSlots.Admission;
import dev.millrace.server.action.ActionSlots.Limits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may start when, of those who call actions and wait. */
@Timeout(300)
class ActionSlotsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Limits ONE = new Limits(1, 0);
    private static final long A = 1;
    private static final long B = 2;
    private static final long C1 = 11;
    private static final long C2 = 12;

    private final List<String> started = new CopyOnWriteArrayList<>();

    /** Queues up on a thread of its own; returns once it waits. */
    private Thread queue(ActionSlots slots, String name, long environment, long connection, Limits limits) {
        int before = slots.waiting();
        var entering = Thread.ofVirtual().start(() -> {
            try {
                if (slots.enter(environment, connection, limits, LONG) == Admission.GRANTED) {
                    started.add(name);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> slots.waiting() > before);
        return entering;
    }

    private void awaitStarted(String... names) {
        await().untilAsserted(() -> assertThat(started).containsExactly(names));
    }

    @Test
    void over_the_limit_of_its_environment_it_waits_so_long_and_no_longer() throws Exception {
        var slots = new ActionSlots(100);
        assertThat(slots.enter(A, C1, ONE, LONG)).isEqualTo(Admission.GRANTED);

        assertThat(slots.enter(A, C1, ONE, Duration.ofMillis(20))).isEqualTo(Admission.EXPIRED);
        assertThat(slots.enter(B, C2, ONE, LONG)).isEqualTo(Admission.GRANTED);
        slots.leave(A, C1);
        assertThat(slots.enter(A, C1, ONE, LONG)).isEqualTo(Admission.GRANTED);
    }

    @Test
    void those_of_one_environment_start_in_their_order() throws Exception {
        var slots = new ActionSlots(100);
        slots.enter(A, C1, ONE, LONG);
        queue(slots, "first", A, C1, ONE);
        queue(slots, "second", A, C2, ONE);

        slots.leave(A, C1);
        awaitStarted("first");
        slots.leave(A, C1);
        awaitStarted("first", "second");
    }

    @Test
    void callers_wait_for_their_own_connection_only() throws Exception {
        var limits = new Limits(10, 1);
        var slots = new ActionSlots(100);
        slots.enter(A, C1, limits, LONG);
        queue(slots, "same", A, C1, limits);

        assertThat(slots.enter(A, C2, limits, LONG)).isEqualTo(Admission.GRANTED);
        slots.leave(A, C1);
        awaitStarted("same");
    }

    @Test
    void environments_take_turns_when_the_node_is_full() throws Exception {
        var limits = new Limits(10, 0);
        var slots = new ActionSlots(1);
        slots.enter(A, C1, limits, LONG);
        queue(slots, "a1", A, C1, limits);
        queue(slots, "a2", A, C1, limits);
        queue(slots, "a3", A, C1, limits);
        queue(slots, "b1", B, C2, limits);

        for (int i = 1; i <= 4; i++) {
            boolean ofB = !started.isEmpty() && started.getLast().startsWith("b");
            slots.leave(ofB ? B : A, ofB ? C2 : C1);
            int expected = i;
            await().until(() -> started.size() == expected);
        }

        assertThat(started.subList(0, 2)).contains("b1");
        assertThat(started.stream().filter(name -> name.startsWith("a"))).containsExactly("a1", "a2", "a3");
    }

    @Test
    void who_is_interrupted_leaves_nothing_behind() throws Exception {
        var slots = new ActionSlots(100);
        slots.enter(A, C1, ONE, LONG);
        var waiting = queue(slots, "given up", A, C1, ONE);

        waiting.interrupt();
        await().until(() -> slots.waiting() == 0);
        slots.leave(A, C1);

        assertThat(slots.enter(A, C1, ONE, LONG)).isEqualTo(Admission.GRANTED);
        assertThat(started).isEmpty();
    }

    @Test
    void a_limit_that_was_raised_lets_more_in() throws Exception {
        var slots = new ActionSlots(100);
        slots.enter(A, C1, ONE, LONG);
        queue(slots, "waits", A, C1, ONE);

        assertThat(slots.enter(A, C2, new Limits(3, 0), LONG)).isEqualTo(Admission.GRANTED);
        awaitStarted("waits");
    }
}
