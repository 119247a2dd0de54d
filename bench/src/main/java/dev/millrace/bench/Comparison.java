package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Measures two installations alternately, so that changes in the machine's speed affect both. */
final class Comparison {
    private final Path home;
    private final Path other;
    private final Settings settings;
    private final int rounds;
    private final Set<String> chosen;

    Comparison(Path home, Path other, Settings settings, int rounds, Set<String> chosen) {
        this.home = home;
        this.other = other;
        this.settings = settings;
        this.rounds = rounds;
        this.chosen = Set.copyOf(chosen);
    }

    /** The results of a scenario by round. */
    record Outcome(String scenario, List<Result> ours, List<Result> others) {
        /** The median over the rounds of the ratio of our value to theirs. */
        double ratio(ToDoubleFunction<Result> figure) {
            return median(IntStream.range(0, ours.size())
                    .mapToDouble(i -> figure.applyAsDouble(ours.get(i)) / figure.applyAsDouble(others.get(i)))
                    .toArray());
        }

        static double median(double[] values) {
            Arrays.sort(values);
            return values[values.length / 2];
        }
    }

    List<Outcome> run() throws IOException, InterruptedException {
        var folder = Suite.folder();
        var log = home.resolve("bench/target/server.log").toFile();
        try (var upstream = UpstreamProcess.start(log);
                var ours = Subject.start(home, folder.resolve("ours"), log);
                var theirs = Subject.start(other, folder.resolve("theirs"), log);
                var stage = Stage.prepare(home, ours, upstream, settings.clients());
                var otherStage = Stage.prepare(other, theirs, upstream, settings.clients())) {
            var outcomes = new ArrayList<Outcome>();
            for (var scenario : Scenarios.all()) {
                if (chosen.contains(scenario.name())) {
                    outcomes.add(run(scenario, stage, otherStage));
                }
            }
            return outcomes;
        } finally {
            Suite.delete(folder);
        }
    }

    private Outcome run(Scenario scenario, Stage stage, Stage otherStage) throws IOException, InterruptedException {
        Suite.tell(scenario.name() + ", warming up");
        scenario.run(stage, settings);
        scenario.run(otherStage, settings);
        var outcome = new Outcome(scenario.name(), new ArrayList<>(), new ArrayList<>());
        var warm = new Settings(settings.clients(), 0, settings.seconds());
        for (int round = 1; round <= rounds; round++) {
            Suite.tell(scenario.name() + ", round " + round + " of " + rounds);
            if (round % 2 == 0) {
                outcome.others.add(scenario.run(otherStage, warm));
                outcome.ours.add(scenario.run(stage, warm));
            } else {
                outcome.ours.add(scenario.run(stage, warm));
                outcome.others.add(scenario.run(otherStage, warm));
            }
        }
        return outcome;
    }
}
