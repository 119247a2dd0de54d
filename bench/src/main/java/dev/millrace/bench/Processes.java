package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** All processes of the machine at one moment, from Linux's {@code /proc}. Immutable. */
public final class Processes {
    /** The unit of CPU times: 100 per second on every Linux, whatever the kernel's own clock rate. */
    private static final double TICKS = 100;

    private static final int PARENT = 1;
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int REAPED_USER = 13;
    private static final int REAPED_SYSTEM = 14;
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private final Map<Long, Entry> byId;

    /**
     * A process; times in seconds.
     *
     * @param reaped CPU time of ended children that their parent has waited for
     */
    record Entry(long pid, long parent, double own, double reaped) {}

    private Processes(Map<Long, Entry> byId) {
        this.byId = byId;
    }

    public static Processes now() throws IOException {
        var found = new HashMap<Long, Entry>();
        try (var folders = Files.newDirectoryStream(
                Path.of("/proc"),
                folder -> NUMBER.matcher(folder.getFileName().toString()).matches())) {
            for (var folder : folders) {
                read(folder).ifPresent(entry -> found.put(entry.pid(), entry));
            }
        }
        return new Processes(found);
    }

    private static Optional<Entry> read(Path folder) {
        try {
            var stat = Files.readString(folder.resolve("stat"));
            // The program's name is in brackets and may contain anything, including brackets and spaces.
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Optional.of(new Entry(
                    Long.parseLong(folder.getFileName().toString()),
                    Long.parseLong(fields[PARENT]),
                    (ticks(fields, USER) + ticks(fields, SYSTEM)) / TICKS,
                    (ticks(fields, REAPED_USER) + ticks(fields, REAPED_SYSTEM)) / TICKS));
        } catch (IOException e) {
            // The process has ended since.
            return Optional.empty();
        }
    }

    private static double ticks(String[] fields, int at) {
        return Double.parseDouble(fields[at]);
    }

    /** A process and all below it; empty when there is no such process. */
    public Set<Long> tree(long root) {
        var members = new HashSet<Long>();
        var open = new ArrayDeque<Long>();
        if (byId.containsKey(root)) {
            open.add(root);
        }
        while (!open.isEmpty()) {
            long pid = open.remove();
            if (members.add(pid)) {
                byId.values().stream()
                        .filter(entry -> entry.parent() == pid)
                        .map(Entry::pid)
                        .forEach(open::add);
            }
        }
        return members;
    }

    /** Seconds of CPU used by a process itself. */
    double own(long pid) {
        var entry = byId.get(pid);
        return entry == null ? 0 : entry.own();
    }

    /** Seconds of CPU of its ended children. */
    double reaped(long pid) {
        var entry = byId.get(pid);
        return entry == null ? 0 : entry.reaped();
    }

    /**
     * Seconds of CPU of processes and their ended children. A process that ends moves from one part of the sum to the
     * other.
     */
    public double all(Set<Long> pids) {
        return pids.stream().mapToDouble(pid -> own(pid) + reaped(pid)).sum();
    }

    /** Resident megabytes; shared memory is divided among its processes where the kernel reports that. */
    public static double megabytes(Set<Long> pids) {
        return pids.stream().mapToDouble(Processes::kilobytes).sum() / 1024;
    }

    private static double kilobytes(long pid) {
        var folder = Path.of("/proc", Long.toString(pid));
        return field(folder.resolve("smaps_rollup"), "Pss:")
                .or(() -> field(folder.resolve("status"), "VmRSS:"))
                .orElse(0.0);
    }

    private static Optional<Double> field(Path file, String name) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> Double.parseDouble(SPACES.split(line, -1)[1]));
        } catch (IOException e) {
            // Another user's process, or one that has ended.
            return Optional.empty();
        }
    }
}
