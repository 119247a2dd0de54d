package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Measures a server from outside: its speed and its cost. */
@Command(
        name = "bench/run",
        sortOptions = false,
        description = "Starts a server on an empty data folder, keeps it busy, prints what that cost (Linux only).",
        footer = {
            "",
            "bench/run records measures the records store by itself, bench/run micro [JMH options] runs the small"
                    + " benchmarks."
        })
public final class Load implements Callable<Integer> {
    /** The argument that makes a process the upstream API. */
    static final String UPSTREAM = "upstream";

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            split = ",",
            description = "Only these, several separated by commas; --list names them.")
    private List<String> wanted = new ArrayList<>();

    @Option(names = "--list", description = "Name the scenarios.")
    private boolean list;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "8",
            description = "Each sends its next request when the answer to the last one is there (default 8).")
    private int clients;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "Seconds of each scenario of requests that count (default 10).")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "10",
            description = "Seconds of each scenario of requests that do not count (default 10).")
    private int warmUp;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results here too.")
    private @Nullable Path json;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "The installation to measure (default: this folder).")
    private Path home = Path.of(".");

    @Option(
            names = "--against",
            paramLabel = "DIR",
            description = "Another installation, measured in turn with this one.")
    private @Nullable Path against;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many turns each of the two has (default 5).")
    private int rounds;

    @Spec
    private @Nullable CommandSpec spec;

    /** Runs the load program, or the upstream API. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length == 1 && arguments[0].equals(UPSTREAM)) {
            Upstream.run();
        }
        var command = CommandSpec.forAnnotatedObject(new Load())
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("This help.")
                        .build());
        System.exit(new CommandLine(command).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (spec == null) {
            throw new IllegalStateException("this command was not made by picocli");
        }
        var out = spec.commandLine().getOut();
        if (list) {
            Suite.names().forEach((name, about) -> out.printf("%-16s %s%n", name, about));
            return 0;
        }
        check(spec.commandLine());
        Set<String> chosen = wanted.isEmpty() ? Suite.names().keySet() : new LinkedHashSet<>(wanted);
        var settings = new Settings(clients, warmUp, seconds);
        if (against != null) {
            var comparison = new Comparison(home.toRealPath(), against.toRealPath(), settings, rounds, chosen);
            new Report(out).compare(comparison.run());
            return 0;
        }
        var suite = new Suite(home.toRealPath(), settings, chosen);
        try {
            suite.run();
        } finally {
            new Report(out).print(suite.results());
            if (json != null) {
                write(json, suite.results());
            }
        }
        return 0;
    }

    private void check(CommandLine command) {
        var unknown = new TreeSet<>(wanted);
        unknown.removeAll(Suite.names().keySet());
        var problem = Optional.<String>empty();
        if (!unknown.isEmpty()) {
            problem = Optional.of("No such scenario: " + String.join(", ", unknown) + "; --list names them.");
        } else if (clients < 1 || seconds < 1 || rounds < 1 || warmUp < 0) {
            problem = Optional.of("--clients, --seconds and --rounds must be at least 1, --warm-up at least 0.");
        } else if (!Files.isExecutable(home.resolve("millrace"))) {
            problem = Optional.of("There is no Millrace in " + home + ": name its folder with --home.");
        } else if (against != null && !Files.isExecutable(against.resolve("millrace"))) {
            problem = Optional.of("There is no Millrace in " + against + ": name its folder with --against.");
        } else if (against != null && json != null) {
            problem = Optional.of("--json is not written for two installations: leave out --json or --against.");
        } else if (against != null && !Suite.inTurn(wanted)) {
            problem = Optional.of("Starts are not measured in turn: with --against, leave out start-empty and start.");
        }
        if (problem.isPresent()) {
            throw new ParameterException(command, problem.get());
        }
    }

    private void write(Path file, List<Result> results) throws IOException {
        var machine = Map.of(
                "processors", Runtime.getRuntime().availableProcessors(),
                "system", System.getProperty("os.name") + ' ' + System.getProperty("os.version"),
                "java", Runtime.version().toString());
        var all = Map.of(
                "date",
                Clock.systemUTC().instant().toString(),
                "machine",
                machine,
                "settings",
                new Settings(clients, warmUp, seconds),
                "results",
                results);
        var mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Files.write(file, mapper.writeValueAsBytes(all));
    }
}
