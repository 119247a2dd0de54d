package dev.millrace.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the chosen scenarios on one server, from its first start on an empty folder to its stop. */
public final class Suite {
    private static final String FIRST_START = "start-empty";
    private static final String START = "start";
    private static final int STARTS = 3;

    private final Path home;
    private final Settings settings;
    private final Set<String> chosen;
    private final List<Result> results = new ArrayList<>();

    Suite(Path home, Settings settings, Set<String> chosen) {
        this.home = home;
        this.settings = settings;
        this.chosen = Set.copyOf(chosen);
    }

    /** All scenarios with one line each. */
    static Map<String, String> names() {
        var names = new LinkedHashMap<String, String>();
        names.put(FIRST_START, "from the command to /ready, on an empty data folder");
        Scenarios.all().forEach(scenario -> names.put(scenario.name(), scenario.about()));
        names.put(START, "from the command to /ready, with data: the median of " + STARTS);
        return names;
    }

    /** Whether all of these can be repeated on a running server. */
    static boolean inTurn(List<String> names) {
        return !names.contains(FIRST_START) && !names.contains(START);
    }

    /** Runs the scenarios; when one fails, the results so far are kept. */
    void run() throws IOException, InterruptedException {
        var folder = folder();
        try {
            measure(
                    folder.resolve("data"),
                    home.resolve("bench/target/server.log").toFile());
        } finally {
            delete(folder);
        }
    }

    /** A data folder that other users may enter, because PostgreSQL runs as another user under root. */
    static Path folder() throws IOException {
        var folder = Files.createTempDirectory("millrace-bench-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        return folder;
    }

    List<Result> results() {
        return List.copyOf(results);
    }

    private void measure(Path data, File log) throws IOException, InterruptedException {
        tell(FIRST_START);
        try (var upstream = UpstreamProcess.start(log);
                var subject = Subject.start(home, data, log)) {
            if (chosen.contains(FIRST_START)) {
                results.add(started(FIRST_START, subject, new Reference("24 s", 24)));
            }
            try (var stage = Stage.prepare(home, subject, upstream, settings.clients())) {
                for (var scenario : Scenarios.all()) {
                    if (chosen.contains(scenario.name())) {
                        tell(scenario.name());
                        results.add(scenario.run(stage, settings));
                    }
                }
            }
        }
        if (chosen.contains(START)) {
            tell(START);
            results.add(median(data, log));
        }
    }

    private Result median(Path data, File log) throws IOException, InterruptedException {
        var starts = new ArrayList<Result>();
        for (int i = 0; i < STARTS; i++) {
            try (var subject = Subject.start(home, data, log)) {
                starts.add(started(START, subject, new Reference("10 s", 10)));
            }
        }
        starts.sort(Comparator.comparingDouble(Result::seconds));
        return starts.get(STARTS / 2);
    }

    private static Result started(String name, Subject subject, Reference reference) throws IOException {
        return Result.ofRun(name, subject.startSeconds(), subject.startCpu(), subject.memory(), reference);
    }

    static void tell(String scenario) {
        System.err.println(scenario + " ...");
    }

    /** Deletes a folder with its contents. */
    public static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
