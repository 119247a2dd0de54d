package dev.millrace.server.db.embedded;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A folder with a file system of its own; tests that need one are skipped where mounting is not allowed. */
record MountedFolder(Path path) implements AutoCloseable {
    static MountedFolder of(Path path, String options) throws IOException, InterruptedException {
        Files.createDirectory(path);
        assumeTrue(run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path.toString()) == 0, "may not mount");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new MountedFolder(path);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Override
    public void close() throws IOException {
        try {
            run("umount", path.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
