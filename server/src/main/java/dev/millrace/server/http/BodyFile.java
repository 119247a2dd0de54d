package dev.millrace.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/**
 * A large body on disk. The file is deleted once it is open, so nothing is left of it however this process ends. Any
 * number of threads may read it.
 */
public final class BodyFile implements AutoCloseable {
    private final FileChannel channel;
    private final long length;

    private BodyFile(FileChannel channel) throws IOException {
        this.channel = channel;
        this.length = channel.size();
    }

    /** Writes the part that has been read already and the rest of the body. */
    static BodyFile of(byte[] beginning, InputStream rest) throws IOException {
        var path = Files.createTempFile("millrace-body", "");
        var channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            Files.delete(path);
            var out = Channels.newOutputStream(channel);
            out.write(beginning);
            rest.transferTo(out);
            return new BodyFile(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** In bytes. */
    public long length() {
        return length;
    }

    /** Reads the body from its beginning. */
    public InputStream open() {
        return new Reader();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Has a position of its own. */
    private final class Reader extends InputStream {
        private long at;

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = channel.read(ByteBuffer.wrap(bytes, offset, length), at);
            at += Math.max(count, 0);
            return count;
        }
    }
}
