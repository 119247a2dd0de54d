package dev.millrace.server.db.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs PostgreSQL's tools without our environment variables. */
final class EmbeddedPostgresCommand {
    private static final List<String> KEPT_VARIABLES = List.of("PATH", "HOME", "TMPDIR");

    private EmbeddedPostgresCommand() {}

    /** The result of a program. */
    record Result(int exit, String output) {
        boolean ok() {
            return exit == 0;
        }
    }

    /** Runs a program to its end; the output combines standard output and standard error. */
    static Result run(Path folder, List<String> command) {
        try {
            var process = start(folder, command);
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output.strip());
        } catch (IOException e) {
            return new Result(-1, e.toString());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    static Process start(Path folder, List<String> command) throws IOException {
        var builder = builder(folder, command).redirectErrorStream(true);
        var process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /** For programs that leave a child process behind, which would keep a pipe open. */
    static Process startQuietly(Path folder, List<String> command) throws IOException {
        return builder(folder, command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static ProcessBuilder builder(Path folder, List<String> command) {
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().retainAll(KEPT_VARIABLES);
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    static List<String> join(List<String> prefix, List<String> command) {
        var all = new ArrayList<>(prefix);
        all.addAll(command);
        return all;
    }

    static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    static EmbeddedPostgresFailure interrupted() {
        Thread.currentThread().interrupt();
        return new EmbeddedPostgresFailure("Interrupted while waiting for PostgreSQL.");
    }
}
