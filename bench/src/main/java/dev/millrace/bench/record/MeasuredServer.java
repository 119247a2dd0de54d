package dev.millrace.bench.record;

import dev.millrace.bench.Processes;
import dev.millrace.bench.Stage;
import dev.millrace.bench.Subject;
import dev.millrace.bench.Suite;
import dev.millrace.bench.UpstreamProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A server on an empty folder, started as users start it; its PostgreSQL is measured. */
final class MeasuredServer implements AutoCloseable {
    private final Path folder;
    private final UpstreamProcess upstream;
    private final Subject subject;
    private final Stage stage;

    private MeasuredServer(Path folder, UpstreamProcess upstream, Subject subject, Stage stage) {
        this.folder = folder;
        this.upstream = upstream;
        this.subject = subject;
        this.stage = stage;
    }

    static MeasuredServer open(Path home) throws IOException, InterruptedException {
        var folder = Files.createTempDirectory("millrace-bench-");
        // PostgreSQL runs as another user under root, and that user needs access.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        File log = home.resolve("bench/target/server.log").toFile();
        var upstream = UpstreamProcess.start(log);
        Subject subject = null;
        try {
            subject = Subject.start(home, folder.resolve("data"), log);
            return new MeasuredServer(folder, upstream, subject, Stage.prepare(home, subject, upstream, 1));
        } catch (IOException | RuntimeException e) {
            if (subject != null) {
                subject.close();
            }
            upstream.close();
            Suite.delete(folder);
            throw e;
        }
    }

    Subject subject() {
        return subject;
    }

    Stage stage() {
        return stage;
    }

    /** CPU seconds of all PostgreSQL processes so far. */
    double postgresCpu() throws IOException {
        var now = Processes.now();
        return now.all(now.tree(subject.postmaster()));
    }

    /** Resident megabytes of all PostgreSQL processes. */
    double postgresMegabytes() throws IOException {
        return Processes.megabytes(Processes.now().tree(subject.postmaster()));
    }

    @Override
    public void close() throws IOException {
        stage.close();
        subject.close();
        upstream.close();
        Suite.delete(folder);
    }
}
