package dev.millrace.server.db.embedded;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;

/** Another JVM that starts an embedded PostgreSQL, to be killed. */
final class OtherServer implements AutoCloseable {
    private final Process process;
    private final long postgresPid;

    private OtherServer(Process process, long postgresPid) {
        this.process = process;
        this.postgresPid = postgresPid;
    }

    static OtherServer start(Path data) throws IOException {
        return start(data, System.getProperty("java.class.path"), List.of());
    }

    /** As another user, who may not be able to read where our classes lie: they are copied for it. */
    static OtherServer startAs(int user, Path home) throws IOException {
        var classes = Files.createDirectory(home.resolve("classes"));
        var copied = new ArrayList<String>();
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            copied.add(copy(Path.of(entry), classes.resolve(copied.size() + ".jar"))
                    .toString());
        }
        return start(
                home.resolve("data"),
                String.join(File.pathSeparator, copied),
                List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--"));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    private static OtherServer start(Path data, String classPath, List<String> prefix) throws IOException {
        var command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                "-Xmx64m",
                OtherServer.class.getName(),
                data.toString()));
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .directory(Path.of("/").toFile())
                .start();
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("postgres ")) {
                return new OtherServer(process, Long.parseLong(line.substring("postgres ".length())));
            }
        }
        throw new IOException("the other server did not start");
    }

    long postgresPid() {
        return postgresPid;
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** Starts, leaves a row, waits to be killed. */
    public static void main(String[] arguments) throws Exception {
        var postgres = EmbeddedPostgres.start(Path.of(arguments[0]));
        try (var connection = DriverManager.getConnection(postgres.url());
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t AS SELECT 7 AS n");
        }
        System.out.println("postgres " + postgres.pid());
        Thread.currentThread().join();
    }
}
