package dev.millrace.bench.record;

import dev.millrace.bench.ManyRecords;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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

/** Measures the records store on the PostgreSQL of a running server. */
@Command(
        name = "bench/run records",
        sortOptions = false,
        description =
                "Measures the records store by its own code, on the PostgreSQL of a server that it starts on an empty"
                        + " data folder, and beside it what PostgreSQL needs for plain COPY of the same rows (Linux only). Tables"
                        + " go to standard output, progress to standard error.")
public final class RecordsLoad implements Callable<Integer> {
    private static final String WRITES = "writes";
    private static final String MILLION = "million";
    private static final String READS = "reads";
    private static final String MANY = "many";
    private static final String STREAMS = "streams";
    private static final List<String> PARTS = List.of(WRITES, MILLION, READS, MANY, STREAMS);
    private static final int LARGEST_SLICE = 10_000;
    private static final int MOST_WRITERS = 64;

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description = "Only these of writes, million, reads, many, streams; several separated by commas.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--quick",
            description = "About two minutes instead of a quarter of an hour; the figures mean less.")
    private boolean quick;

    @Option(
            names = "--slices",
            paramLabel = "N",
            split = ",",
            description = "Records a call in 'writes' (default 100,1000,10000).")
    private List<Integer> slices = new ArrayList<>();

    @Option(
            names = "--connections",
            paramLabel = "N",
            split = ",",
            description = "Connections written to at the same time in 'writes' (default 1,8).")
    private List<Integer> connections = new ArrayList<>();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Passes of each cell of 'writes', whose medians are shown (default 3).")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "N", description = "Seconds of each kind of read that count (default 6).")
    private @Nullable Integer seconds;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "The installation to measure (default: this folder).")
    private Path home = Path.of(".");

    @Spec
    private @Nullable CommandSpec spec;

    /** Runs it. */
    public static void main(String[] arguments) {
        var command = CommandSpec.forAnnotatedObject(new RecordsLoad())
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("This help.")
                        .build());
        System.exit(new CommandLine(command).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        if (spec == null) {
            throw new IllegalStateException("this command was not made by picocli");
        }
        check(spec.commandLine());
        var out = spec.commandLine().getOut();
        Set<String> parts = only.isEmpty() ? new LinkedHashSet<>(PARTS) : new LinkedHashSet<>(only);
        var before = load();
        try (var measured = MeasuredServer.open(home.toRealPath())) {
            measure(parts, plan(), measured, out);
        }
        out.printf(
                "%nLoad average: %s before, %s at the end; %d processors.%n",
                before, load(), Runtime.getRuntime().availableProcessors());
        out.flush();
        return 0;
    }

    private static void measure(Set<String> parts, Plan plan, MeasuredServer measured, PrintWriter out)
            throws IOException, SQLException, InterruptedException {
        if (parts.contains(WRITES)) {
            Writes.run(plan, measured, out);
        }
        if (parts.contains(MILLION) || parts.contains(READS)) {
            try (var deep = ManyRecords.open(measured.stage())) {
                if (parts.contains(MILLION)) {
                    Million.run(plan, measured, deep, out);
                }
                if (parts.contains(READS)) {
                    Reads.run(plan, measured, deep, out);
                }
            }
        }
        if (parts.contains(MANY)) {
            Many.run(plan, measured, out);
        }
        if (parts.contains(STREAMS)) {
            Streams.run(plan, measured, out);
        }
    }

    /** The load of the last minute; a high load before the start means that other programs use the machine. */
    private static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    }

    private Plan plan() {
        return (quick ? Plan.QUICK : Plan.FULL).with(rounds, slices, connections, seconds);
    }

    private void check(CommandLine command) {
        var unknown = new TreeSet<>(only);
        unknown.removeAll(PARTS);
        var problem = Optional.<String>empty();
        if (!unknown.isEmpty()) {
            problem = Optional.of("--only: there is no part '" + String.join("', '", unknown) + "'; there are "
                    + String.join(", ", PARTS) + ".");
        } else if (slices.stream().anyMatch(slice -> slice < 1 || slice > LARGEST_SLICE)) {
            problem = Optional.of("--slices must be from 1 to " + LARGEST_SLICE + ", not " + slices + ".");
        } else if (connections.stream().anyMatch(count -> count < 1 || count > MOST_WRITERS)) {
            problem = Optional.of("--connections must be from 1 to " + MOST_WRITERS + ", not " + connections + ".");
        } else if ((rounds != null && rounds < 1) || (seconds != null && seconds < 1)) {
            problem = Optional.of("--rounds and --seconds must be at least 1.");
        } else if (!Files.isExecutable(home.resolve("millrace"))) {
            problem = Optional.of("There is no Millrace in " + home + ": name its folder with --home.");
        }
        if (problem.isPresent()) {
            throw new ParameterException(command, problem.get());
        }
    }
}
