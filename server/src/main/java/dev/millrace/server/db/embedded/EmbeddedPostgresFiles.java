package dev.millrace.server.db.embedded;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations on files of the data folder. */
final class EmbeddedPostgresFiles {
    private static final List<String> HALF_MADE = List.of("unpacking-", "creating-");

    private EmbeddedPostgresFiles() {}

    /** Deletes a folder and its contents, if it exists. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Deletes the files of a start that was killed; the caller holds the folder's lock. */
    static void sweep(Path data) throws IOException {
        try (var entries = Files.newDirectoryStream(
                data, entry -> HALF_MADE.stream().anyMatch(entry.getFileName().toString()::startsWith))) {
            for (var entry : entries) {
                delete(entry);
            }
        }
    }

    /** Writes a file that only its owner may read, completely or not at all. */
    static void writeSecret(Path file, String text) throws IOException {
        var attributes = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var folder = file.toAbsolutePath().getParent();
        var building = Files.createTempFile(folder, "creating-", "", attributes);
        Files.writeString(building, text);
        Files.move(building, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
