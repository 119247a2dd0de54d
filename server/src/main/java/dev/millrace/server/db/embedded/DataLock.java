package dev.millrace.server.db.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Allows one server per data folder. The operating system releases the lock when its holder dies. */
public final class DataLock implements AutoCloseable {
    private final FileChannel channel;

    private DataLock(FileChannel channel) {
        this.channel = channel;
    }

    public static DataLock take(Path data) throws IOException {
        var file = data.resolve("lock");
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw taken(data, file);
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new DataLock(channel);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw taken(data, file);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Whether this process holds the lock. */
    static boolean isOurs(Path data) throws IOException {
        var holder = Files.readString(data.resolve("lock")).strip();
        return holder.equals(Long.toString(ProcessHandle.current().pid()));
    }

    private static EmbeddedPostgresFailure taken(Path data, Path file) throws IOException {
        return new EmbeddedPostgresFailure("The data folder " + data + " is in use by another Millrace server (process "
                + Files.readString(file).strip() + "). Stop that one first, or choose another folder with --data.");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
