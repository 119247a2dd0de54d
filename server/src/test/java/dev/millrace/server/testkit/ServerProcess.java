package dev.millrace.server.testkit;

import dev.millrace.client.MillraceClient;
import dev.millrace.server.Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A server in a JVM of its own, with a PostgreSQL of its own: to be killed. */
public final class ServerProcess implements AutoCloseable {
    private static final String READY = "ready ";

    private final Process process;
    private final URI url;
    private final String key;
    private final MillraceClient client;
    private final RawClient raw;

    private ServerProcess(Process process, URI url, String key) {
        this.process = process;
        this.url = url;
        this.key = key;
        this.client = MillraceClient.of(url, key);
        this.raw = new RawClient(url, key);
    }

    /** With a PostgreSQL of its own; returns once it answers. */
    public static ServerProcess start(Path data) throws IOException {
        return start(List.of(data.toString()));
    }

    /** One of several on a database; returns once it answers. */
    public static ServerProcess start(Path data, String databaseUrl) throws IOException {
        return start(List.of(data.toString(), databaseUrl));
    }

    /** The same with definitions of providers besides the built-in ones. */
    public static ServerProcess start(Path data, String databaseUrl, Path providers) throws IOException {
        return start(List.of(data.toString(), databaseUrl, providers.toString()));
    }

    private static ServerProcess start(List<String> arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                ServerProcess.class.getName()));
        command.addAll(arguments);
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var out = process.inputReader();
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                var words = line.split(" ", -1);
                return new ServerProcess(process, URI.create(words[1]), words[2]);
            }
        }
        throw new IOException("the server did not start");
    }

    public URI url() {
        return url;
    }

    public String key() {
        return key;
    }

    public MillraceClient client() {
        return client;
    }

    /** For what the client hides. */
    public RawClient raw() {
        return raw;
    }

    /** Stops it where it is: {@code kill -STOP}. */
    public void freeze() throws IOException {
        signal("STOP");
    }

    /** Lets it go on from there. */
    public void thaw() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        if (process.isAlive()) {
            new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .onExit()
                    .join();
        }
    }

    /** {@code kill -9}. */
    public void kill() {
        process.destroyForcibly().onExit().join();
        client.close();
        raw.close();
    }

    /** Asks it to stop and waits for that. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        client.close();
        raw.close();
    }

    /** Starts a server and waits for the end of the process. */
    public static void main(String[] arguments) throws InterruptedException {
        var server = new Server(TestConfig.of(
                Path.of(arguments[0]),
                Arrays.stream(arguments).skip(1).findFirst(),
                Arrays.stream(arguments).skip(2).map(Path::of).toList()));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        server.start();
        System.out.println(READY + "http://127.0.0.1:" + server.port() + " "
                + server.defaultKey().secret().orElseThrow());
        Thread.currentThread().join();
    }
}
