package dev.millrace.server.db.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What PostgreSQL's {@code postmaster.pid} says.
 *
 * @param pid of the main process
 * @param port it listens on, 0 while it does not yet
 * @param ready whether it takes connections
 */
public record EmbeddedPostgresPid(long pid, int port, boolean ready) {
    private static final int PORT = 3;
    private static final int STATUS = 7;

    /** Empty when there is no such file, or not enough in it yet. */
    static Optional<EmbeddedPostgresPid> read(Path cluster) throws IOException {
        try {
            var lines = Files.readAllLines(file(cluster));
            if (lines.isEmpty() || lines.getFirst().isBlank()) {
                return Optional.empty();
            }
            int port = lines.size() > PORT ? Integer.parseInt(lines.get(PORT).strip()) : 0;
            boolean ready = lines.size() > STATUS && lines.get(STATUS).strip().equals("ready");
            // A lone backend (single-user mode) notes itself as a negative number.
            return Optional.of(new EmbeddedPostgresPid(
                    Math.abs(Long.parseLong(lines.getFirst().strip())), port, ready));
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Puts another process id into the file and keeps the rest, by which PostgreSQL finds shared memory in use. */
    static void replace(Path cluster, String pid) throws IOException {
        var lines = Files.readAllLines(file(cluster));
        lines.set(0, pid);
        Files.write(file(cluster), lines);
    }

    private static Path file(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }

    /** Whether a process runs; one that is dead but not yet collected by its parent does not. */
    public static boolean isAlive(long pid) {
        var process = ProcessHandle.of(pid);
        return process.isPresent() && process.get().isAlive() && !isZombie(pid);
    }

    private static boolean isZombie(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.startsWith(") Z", stat.lastIndexOf(')'));
        } catch (IOException e) {
            // No such file system, or the process went in between.
            return false;
        }
    }

    /** Whether a process is the PostgreSQL of this cluster, not some other program that got its number. */
    static boolean isPostgresOf(long pid, Path cluster) {
        return isAlive(pid)
                && ProcessHandle.of(pid)
                        .flatMap(process -> process.info().commandLine())
                        .filter(line -> line.contains(cluster.toString()))
                        .isPresent();
    }
}
