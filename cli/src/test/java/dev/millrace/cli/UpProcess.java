package dev.millrace.cli;

import dev.millrace.client.MillraceClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code millrace up} in a process of its own. */
final class UpProcess implements AutoCloseable {
    private final Process process;
    private final URI url;
    private final MillraceClient client;
    private final Path data;

    private UpProcess(Process process, URI url, MillraceClient client, Path data) {
        this.process = process;
        this.url = url;
        this.client = client;
        this.data = data;
    }

    /** Returns once it answers. */
    static UpProcess start(Path data, int graceSeconds) throws IOException {
        var command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        Main.class.getName(),
                        "up",
                        "--port",
                        "0",
                        "--allow-loopback",
                        "--data",
                        data.toString(),
                        "--runtime",
                        Path.of("../runtime").toAbsolutePath().normalize().toString(),
                        "--grace",
                        String.valueOf(graceSeconds))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        command.environment().keySet().removeIf(name -> name.startsWith("MILLRACE_") || name.startsWith("NANGO_"));
        var process = command.start();
        var out = process.inputReader();
        var url = URI.create(value(out, "URL"));
        var key = value(out, "Secret key");
        return new UpProcess(process, url, MillraceClient.of(url, key), data);
    }

    private static String value(BufferedReader out, String name) throws IOException {
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            if (line.strip().startsWith(name)) {
                return line.strip().substring(name.length()).strip();
            }
        }
        throw new IOException("the server did not start");
    }

    MillraceClient client() {
        return client;
    }

    /** The status of an answer to anybody. */
    int health() throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(url.resolve("/health")).build();
            return http.send(request, BodyHandlers.discarding()).statusCode();
        }
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Waits for the end of the process. */
    int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    /** Whatever is left of it. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        client.close();
        postmaster();
    }

    private void postmaster() {
        var file = data.resolve("postgres/postmaster.pid");
        try {
            if (Files.exists(file)) {
                var pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
                ProcessHandle.of(pid).ifPresent(postgres -> {
                    postgres.destroyForcibly();
                    postgres.onExit().join();
                });
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
