package dev.millrace.server.db.embedded;

import dev.millrace.server.db.embedded.EmbeddedPostgres.Progress;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs for this machine, unpacked once from the class path. */
final class EmbeddedPostgresBinaries {
    private static final Pattern VERSION = Pattern.compile("-(\\d+(?:\\.\\d+)+)\\.jar");
    private static final int OWNER_EXECUTES = 0100;

    private EmbeddedPostgresBinaries() {}

    /** The folder that holds {@code bin}, {@code lib} and {@code share}. */
    static Path unpackInto(Path data, Progress progress) throws IOException {
        var archive = archive();
        var target = data.resolve("postgres-" + version(archive));
        if (Files.exists(target)) {
            return target;
        }
        var building = Files.createTempDirectory(data, "unpacking-");
        try {
            unpack(archive, building, progress);
            Files.setPosixFilePermissions(building, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(building, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            EmbeddedPostgresFiles.delete(building);
        }
        return target;
    }

    private static URL archive() {
        var os = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        var arch = System.getProperty("os.arch");
        var names = arch.equals("aarch64") ? List.of("arm_64", "aarch64", "arm64") : List.of("x86_64", "amd64");
        for (var name : names) {
            var found = EmbeddedPostgresBinaries.class.getResource("/postgres-" + os + "-" + name + ".txz");
            if (found != null) {
                return found;
            }
        }
        throw new EmbeddedPostgresFailure("This build carries no PostgreSQL for " + os + " on " + arch
                + ". Name your own PostgreSQL with --database-url or DATABASE_URL.");
    }

    /** The name of the jar contains the version; a repackaged jar is identified by its size. */
    private static String version(URL archive) throws IOException {
        var match = VERSION.matcher(archive.toString());
        return match.find() ? match.group(1) : "build-" + size(archive);
    }

    private static long size(URL archive) throws IOException {
        var connection = archive.openConnection();
        connection.setUseCaches(false);
        try (var in = connection.getInputStream()) {
            return in.available() == 0 ? 0 : connection.getContentLengthLong();
        }
    }

    private static void unpack(URL archive, Path target, Progress progress) throws IOException {
        long size = size(archive);
        try (var counted = new Counted(archive.openStream(), size, progress);
                var tar = new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(counted)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                place(tar, entry, target);
            }
        }
        progress.at(Counted.STEP, size, size);
    }

    private static void place(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        var file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
            throw new IOException("the archive points outside itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        Files.createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
            link(file, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, file, StandardCopyOption.REPLACE_EXISTING);
        var mode = (entry.getMode() & OWNER_EXECUTES) == 0 ? "rw-r--r--" : "rwxr-xr-x";
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static void link(Path file, Path to) throws IOException {
        try {
            Files.createSymbolicLink(file, to);
        } catch (FileAlreadyExistsException e) {
            Files.delete(file);
            Files.createSymbolicLink(file, to);
        }
    }

    /** Reports how much of the archive has been read. */
    private static final class Counted extends FilterInputStream {
        static final String STEP = "Unpacking PostgreSQL";

        private final long size;
        private final Progress progress;
        private long read;

        Counted(InputStream in, long size, Progress progress) {
            super(in);
            this.size = size;
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            return count(super.read(), 1);
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int got = super.read(bytes, from, length);
            return count(got, got);
        }

        private int count(int result, int bytes) {
            if (result >= 0) {
                read += bytes;
                progress.at(STEP, read, size);
            }
            return result;
        }
    }
}
