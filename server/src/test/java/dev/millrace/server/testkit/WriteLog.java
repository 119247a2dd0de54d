package dev.millrace.server.testkit;

import dev.millrace.server.testkit.WrittenSlice.State;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which slices of which author were acknowledged, and what the store may hold then. Thread-safe. */
public final class WriteLog implements StoreWriter.Report {
    private final Map<String, BitSet> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, Integer> begun = new ConcurrentHashMap<>();
    private final List<String> failures = new ArrayList<>();

    /** Where one of the author's records stands. */
    public record Place(int dataset, String id) {}

    @Override
    public void acknowledged(String author, int number) {
        acknowledged.compute(author, (_, known) -> {
            var numbers = known == null ? new BitSet() : known;
            numbers.set(number);
            return numbers;
        });
    }

    @Override
    public synchronized void failed(String author, int number, String why) {
        failures.add(author + "-" + number + ": " + why);
    }

    public synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** The number of the author's last acknowledged slice; 0 if there is none. */
    int last(String author) {
        return Math.max(0, copy(author).length() - 1);
    }

    public int count() {
        return acknowledged.keySet().stream()
                .mapToInt(author -> copy(author).cardinality())
                .sum();
    }

    private BitSet copy(String author) {
        var copy = new BitSet();
        acknowledged.computeIfPresent(author, (_, known) -> {
            copy.or(known);
            return known;
        });
        return copy;
    }

    /** The number an author goes on with: after what may have been under way when its process was killed. */
    int next(String author) {
        int next = lastPossible(author) + 1;
        begun.put(author, next);
        return next;
    }

    /** The author's last step that may have been written. */
    private int lastPossible(String author) {
        return Math.max(last(author) + 1, begun.getOrDefault(author, 0));
    }

    /**
     * What may be found of each of the author's own records: what was acknowledged has happened, what was not may have.
     */
    public Map<Place, Set<State>> possible(String author, IntFunction<WrittenSlice> slices) {
        var numbers = copy(author);
        var states = new HashMap<Place, Set<State>>();
        for (int number = 1; number <= lastPossible(author); number++) {
            var slice = slices.apply(number);
            boolean certain = numbers.get(number);
            for (var id : slice.owned()) {
                states.compute(new Place(slice.dataset(), id), (_, before) -> after(slice, before, certain));
            }
        }
        return states;
    }

    private static Set<State> after(WrittenSlice slice, @Nullable Set<State> before, boolean certain) {
        var from = before == null ? Set.of(State.NONE) : before;
        var to = from.stream().map(state -> state.after(slice)).collect(Collectors.toSet());
        if (!certain) {
            to.addAll(from);
        }
        return to;
    }
}
