package dev.millrace.server.db.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The contents of PostgreSQL's {@code postmaster.pid}.
 *
 * @param pid of the main process
 * @param port it listens on; 0 until it does
 * @param ready whether it accepts connections
 */
public record EmbeddedPostgresPid(long pid, int port, boolean ready) {
    private static final int PORT = 3;
    private static final int STATUS = 7;

    /** Empty when there is no such file, or while it is incomplete. */
    static Optional<EmbeddedPostgresPid> read(Path cluster) throws IOException {
        try {
            var lines = Files.readAllLines(file(cluster));
            if (lines.isEmpty() || lines.getFirst().isBlank()) {
                return Optional.empty();
            }
            int port = lines.size() > PORT ? Integer.parseInt(lines.get(PORT).strip()) : 0;
            boolean ready = lines.size() > STATUS && lines.get(STATUS).strip().equals("ready");
            // PostgreSQL in single-user mode writes its process id as a negative number.
            return Optional.of(new EmbeddedPostgresPid(
                    Math.abs(Long.parseLong(lines.getFirst().strip())), port, ready));
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Replaces the process id in the file and keeps the rest, from which PostgreSQL detects shared memory in use. */
    static void replace(Path cluster, String pid) throws IOException {
        var lines = Files.readAllLines(file(cluster));
        lines.set(0, pid);
        Files.write(file(cluster), lines);
    }

    private static Path file(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }

    /** Whether a process runs. A zombie does not count as running. */
    public static boolean isAlive(long pid) {
        var process = ProcessHandle.of(pid);
        return process.isPresent() && process.get().isAlive() && !isZombie(pid);
    }

    private static boolean isZombie(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.startsWith(") Z", stat.lastIndexOf(')'));
        } catch (IOException e) {
            // This system has no /proc, or the process has just ended.
            return false;
        }
    }

    /** Whether a process is the PostgreSQL of this cluster, and not another program that got the same process id. */
    static boolean isPostgresOf(long pid, Path cluster) {
        return isAlive(pid)
                && ProcessHandle.of(pid)
                        .flatMap(process -> process.info().commandLine())
                        .filter(line -> line.contains(cluster.toString()))
                        .isPresent();
    }
}
