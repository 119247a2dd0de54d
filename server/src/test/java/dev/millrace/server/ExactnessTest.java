package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.ChangeAudit;
import dev.millrace.server.testkit.ExactnessScene;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TailingReader;
import dev.millrace.server.testkit.TailingReader.Seen;
import dev.millrace.server.testkit.TailingReader.Source;
import dev.millrace.server.testkit.WrittenSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What the records cache promises, while everything happens at once: many writers and syncs on two servers, one of which
 * is killed again and again, and readers that follow their cursors.
 */
@Tag("slow")
class ExactnessTest {
    private static final String MINUTES = "millrace.exactness.minutes";
    private static final String SEED = "millrace.exactness.seed";
    private static final int SHOWN = 5;

    private final long seed = Long.getLong(SEED, 1);

    @Test
    @Timeout(300)
    @DisabledIfSystemProperty(named = MINUTES, matches = ".+")
    void followers_miss_nothing_and_acknowledged_writes_stay() throws Exception {
        check(Duration.ofSeconds(20));
    }

    /** {@code CONTRIBUTING.md} says how. */
    @Test
    @Timeout(24 * 3_600)
    @EnabledIfSystemProperty(named = MINUTES, matches = ".+")
    void followers_miss_nothing_and_acknowledged_writes_stay_at_length() throws Exception {
        double minutes = Double.parseDouble(System.getProperty(MINUTES));
        check(Duration.ofMillis((long) (minutes * 60_000)));
    }

    private void check(Duration length) throws Exception {
        try (var scene = new ExactnessScene(seed)) {
            var readers = scene.run(length);

            var stored = scene.stored();
            var audit = ChangeAudit.read(scene.databaseUrl());
            var faults = new ArrayList<String>();
            readers.forEach(reader -> faults.addAll(reader.faults(stored.getOrDefault(reader.source(), Map.of()))));
            faults.addAll(hidden(scene, readers, audit));
            faults.addAll(audit.inversions());
            faults.addAll(ChangeAudit.wrongCounters(scene.databaseUrl()));
            faults.addAll(lost(scene, stored));
            faults.addAll(scene.log().failures());

            report(scene, readers, audit, faults);
            assertThat(scene.nodesThatRanSyncs()).as("nodes that ran syncs").hasSizeGreaterThan(1);
            assertThat(faults).as("seed %d; -D%s=%d", seed, SEED, seed).isEmpty();
        }
    }

    /** Changes that were committed after a page was handed out and yet lie before its cursor. */
    private static List<String> hidden(ExactnessScene scene, List<TailingReader> readers, ChangeAudit audit)
            throws Exception {
        var numbers = scene.numbers();
        var faults = new ArrayList<String>();
        for (var reader : readers) {
            for (var page : reader.pages()) {
                long least = audit.leastModifiedAfter(numbers.getOrDefault(page.source(), 0L), page.receivedMicros());
                if (least <= page.cursor()) {
                    faults.add("committed after " + page + ": a change at " + least);
                }
            }
        }
        return faults;
    }

    /** Records whose last acknowledged state, or a later one, is not there. */
    private static List<String> lost(ExactnessScene scene, Map<Source, Map<String, Seen>> stored) {
        var faults = new ArrayList<String>();
        var slices = scene.authors();
        slices.forEach((author, steps) -> scene.log().possible(author, steps).forEach((id, states) -> {
            var found = stored.getOrDefault(ExactnessScene.SOURCES.get(id.dataset()), Map.of())
                    .get(id.id());
            boolean right = states.stream().anyMatch(state -> state.is(author, id.id(), found));
            if (!right) {
                faults.add(id + " is " + found + "; possible are " + states);
            }
        }));
        stored.forEach((source, records) -> records.forEach((id, seen) -> {
            if (id.startsWith(WrittenSlice.SHARED + "-") && !wasWritten(slices, id, seen, source)) {
                faults.add("nobody wrote " + seen);
            }
        }));
        return faults;
    }

    /** Whether a shared record carries the stamp of a slice that holds it. */
    private static boolean wasWritten(
            Map<String, IntFunction<WrittenSlice>> slices, String id, Seen seen, Source source) {
        var payload = RawClient.JSON.readTree(seen.text());
        if (id.contains(WrittenSlice.CONSTANT)) {
            return payload.path("constant").asBoolean();
        }
        var stamp = payload.path("stamp").asString();
        int end = stamp.lastIndexOf('-');
        var author = Objects.requireNonNull(slices.get(stamp.substring(0, end)), stamp);
        var slice = author.apply(Integer.parseInt(stamp.substring(end + 1)));
        return slice.kind() != WrittenSlice.Kind.DELETE
                && slice.ids().contains(id)
                && ExactnessScene.SOURCES.get(slice.dataset()).equals(source);
    }

    private static void report(
            ExactnessScene scene, List<TailingReader> readers, ChangeAudit audit, List<String> faults) {
        var figures = new HashMap<String, Object>();
        figures.put("slices acknowledged", scene.log().count());
        figures.put("commits whose order was checked", audit.commits());
        figures.put("changes", audit.changes());
        figures.put(
                "pages checked",
                readers.stream().mapToInt(r -> r.pages().size()).sum());
        figures.put("kills", scene.kills());
        figures.put("faults", faults.size());
        System.out.println("Exactness: " + figures);
        faults.stream().limit(SHOWN).forEach(System.out::println);
    }
}
