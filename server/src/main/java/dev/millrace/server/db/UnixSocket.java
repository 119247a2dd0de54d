package dev.millrace.server.db;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * As much of a socket as the database driver uses, over a channel to a unix socket: the JDK has such channels only. Like
 * any socket it may be closed from another thread, else it belongs to one thread at a time.
 */
final class UnixSocket extends Socket {
    /** The driver itself reads 8 KB at a time, no more than PostgreSQL writes at once. */
    private static final int READ_AHEAD = 64 * 1024;

    private static final Set<String> PEER_GONE = Set.of("Broken pipe", "Connection reset by peer");

    private final Path path;
    private final InputStream input = new BufferedInputStream(new Input(), READ_AHEAD);
    private final OutputStream output = new Output();
    private volatile @Nullable SocketChannel channel;
    private volatile @Nullable Selector waiting;
    private volatile int timeout;

    UnixSocket(Path path) throws SocketException {
        // No socket of the other kind behind it.
        super((SocketImpl) null);
        this.path = path;
    }

    @Override
    public void connect(SocketAddress ignored) throws IOException {
        connect(ignored, 0);
    }

    /** To the path; on one machine this takes no time worth a timeout. */
    @Override
    public void connect(SocketAddress ignored, int timeoutMillis) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private SocketChannel connected() throws SocketException {
        var opened = channel;
        if (opened == null) {
            throw new SocketException("Socket is not connected");
        }
        return opened;
    }

    @Override
    public boolean isConnected() {
        return channel != null;
    }

    @Override
    public boolean isClosed() {
        var opened = channel;
        return opened != null && !opened.isOpen();
    }

    @Override
    public void close() throws IOException {
        var opened = channel;
        if (opened != null) {
            opened.close();
        }
        var selector = waiting;
        if (selector != null) {
            selector.wakeup();
        }
    }

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public void setSoTimeout(int millis) {
        timeout = millis;
    }

    @Override
    public int getSoTimeout() {
        return timeout;
    }

    // What follows means nothing here: nothing is sent later than it could be, and no network comes between.

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public boolean getTcpNoDelay() {
        return true;
    }

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public boolean getKeepAlive() {
        return false;
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] to, int at, int length) throws IOException {
            var buffer = ByteBuffer.wrap(to, at, length);
            int millis = timeout;
            try {
                return millis == 0 ? connected().read(buffer) : readWithin(connected(), buffer, millis);
            } catch (IOException e) {
                throw asOfSocket(e);
            }
        }
    }

    /** The driver knows what sockets throw, not what channels do. */
    private static IOException asOfSocket(IOException e) {
        if (e instanceof SocketException || e instanceof SocketTimeoutException) {
            return e;
        }
        var failure = new SocketException(e instanceof ClosedChannelException ? "Socket closed" : e.getMessage());
        failure.initCause(e);
        return failure;
    }

    /** A channel has no timeout of its own, so a selector waits; only checks of idle connections and the watch ask for one. */
    private int readWithin(SocketChannel channel, ByteBuffer buffer, int millis) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        channel.configureBlocking(false);
        try {
            try (var selector = Selector.open()) {
                waiting = selector;
                channel.register(selector, SelectionKey.OP_READ);
                int read = channel.read(buffer);
                while (read == 0) {
                    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                    if (left <= 0) {
                        throw new SocketTimeoutException("Read timed out");
                    }
                    selector.select(_ -> {}, left);
                    if (Thread.currentThread().isInterrupted()) {
                        // As a read without a timeout ends; the selector would not wait any more.
                        channel.close();
                        throw new SocketException("Closed by interrupt");
                    }
                    read = channel.read(buffer);
                }
                return read;
            }
        } finally {
            waiting = null;
            if (channel.isOpen()) {
                channel.configureBlocking(true);
            }
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int at, int length) throws IOException {
            var buffer = ByteBuffer.wrap(from, at, length);
            var to = connected();
            try {
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            } catch (IOException e) {
                // As with other sockets, a write to a peer that has just gone tells nothing: the driver reads next, and
                // finds there what the peer said last, or the end.
                if (!PEER_GONE.contains(String.valueOf(e.getMessage()))) {
                    throw asOfSocket(e);
                }
            }
        }
    }
}
