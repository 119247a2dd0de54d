package dev.millrace.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The server under test: a separate process, started by the users' command. */
public final class Subject implements AutoCloseable {
    private static final Set<String> SETTINGS = Set.of("DATABASE_URL", "HTTPS_PROXY", "https_proxy");
    private static final String OPTIONS = "MILLRACE_JAVA_OPTIONS";

    /** Lines of postmaster.pid. */
    private static final int PID = 0;

    private static final int PORT = 3;

    private final Process process;
    private final Path data;
    private final URI url;
    private final String key;
    private final double startSeconds;

    private Subject(Process process, Path data, URI url, String key, double startSeconds) {
        this.process = process;
        this.data = data;
        this.url = url;
        this.key = key;
        this.startSeconds = startSeconds;
    }

    /** Starts the server and waits until {@code /ready} succeeds. */
    public static Subject start(Path home, Path data, File log) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                home.resolve("millrace").toString(),
                "up",
                "--port",
                "0",
                "--data",
                data.toString(),
                "--allow-loopback"));
        var providers = home.resolve("bench/providers");
        if (Files.isDirectory(providers)) {
            // An older installation has none.
            command.addAll(List.of("--providers", providers.toString()));
        }
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log));
        // The user's own settings must not affect the measurement; options for profiling may.
        builder.environment()
                .keySet()
                .removeIf(name -> SETTINGS.contains(name) || (name.startsWith("MILLRACE_") && !name.equals(OPTIONS)));
        long began = System.nanoTime();
        var process = builder.start();
        var out = process.inputReader();
        try {
            var url = URI.create(after("URL", out));
            var key = after("Secret key", out);
            awaitReady(url);
            double seconds = (System.nanoTime() - began) / 1e9;
            drain(out);
            return new Subject(process, data, url, key, seconds);
        } catch (IOException e) {
            process.destroy();
            throw new IOException("The server did not start; what it said is in " + log, e);
        }
    }

    private static String after(String label, BufferedReader out) throws IOException {
        String line;
        while ((line = out.readLine()) != null) {
            if (line.strip().startsWith(label + ' ')) {
                return line.strip().substring(label.length()).strip();
            }
        }
        throw new IOException("its output ended before the line '" + label + "'");
    }

    private static void awaitReady(URI url) throws IOException {
        try (var wire = new Wire(url)) {
            var ready = new Call("GET", "/ready", List.of(), "").bytes(url);
            int status = wire.send(ready);
            if (status != 200) {
                throw new IOException("/ready answered " + status);
            }
        }
    }

    /** If the pipe were full, the server would block at its next line. */
    private static void drain(Reader out) {
        Thread.ofVirtual().start(() -> {
            try (out) {
                out.transferTo(Writer.nullWriter());
            } catch (IOException e) {
                // The server has ended.
            }
        });
    }

    public URI url() {
        return url;
    }

    public String key() {
        return key;
    }

    /** Time from the command to the first successful response of {@code /ready}. */
    double startSeconds() {
        return startSeconds;
    }

    /** CPU seconds used since the start by all processes. */
    public Split cpu() throws IOException {
        var now = Processes.now();
        var postgres = now.tree(postmaster());
        return new Split(
                now.own(process.pid()), now.all(postgres), now.all(workers(now, postgres)) + now.reaped(process.pid()));
    }

    /**
     * The same right after the start. Processes that have ended by then belong to the launcher and the start, not to
     * workers.
     */
    Split startCpu() throws IOException {
        var helpers = Processes.now().reaped(process.pid());
        var cpu = cpu();
        return new Split(cpu.server() + helpers, cpu.postgres(), cpu.workers() - helpers);
    }

    /** Resident megabytes. */
    Split memory() throws IOException {
        var now = Processes.now();
        var postgres = now.tree(postmaster());
        return new Split(
                Processes.megabytes(Set.of(process.pid())),
                Processes.megabytes(postgres),
                Processes.megabytes(workers(now, postgres)));
    }

    private Set<Long> workers(Processes now, Set<Long> postgres) {
        var workers = new HashSet<>(now.tree(process.pid()));
        workers.remove(process.pid());
        workers.removeAll(postgres);
        return workers;
    }

    /** The data folder. */
    public Path data() {
        return data;
    }

    /** The JDBC URL of its database, password included. */
    public String database() throws IOException {
        return "jdbc:postgresql://127.0.0.1:" + postmaster(PORT) + "/postgres?user=millrace&password="
                + Files.readString(data.resolve("postgres.password")).strip();
    }

    /** The id of PostgreSQL's main process. */
    public long postmaster() throws IOException {
        return Long.parseLong(postmaster(PID));
    }

    private String postmaster(int line) throws IOException {
        return Files.readAllLines(data.resolve("postgres/postmaster.pid"))
                .get(line)
                .strip();
    }

    /** Shuts the server down with its PostgreSQL. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
