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
 * The part of a socket that the database driver uses, on a channel to a unix socket, because the JDK offers only
 * channels for these. Like any socket it may be closed by another thread; otherwise only one thread may use it at a
 * time.
 */
final class UnixSocket extends Socket {
    /** The driver itself reads 8 KB at a time, as much as PostgreSQL writes at once. */
    private static final int READ_AHEAD = 64 * 1024;

    private static final Set<String> PEER_GONE = Set.of("Broken pipe", "Connection reset by peer");

    private final Path path;
    private final InputStream input = new BufferedInputStream(new Input(), READ_AHEAD);
    private final OutputStream output = new Output();
    private volatile @Nullable SocketChannel channel;
    private volatile @Nullable Selector waiting;
    private volatile int timeout;

    UnixSocket(Path path) throws SocketException {
        // There is no underlying socket of the JDK.
        super((SocketImpl) null);
        this.path = path;
    }

    @Override
    public void connect(SocketAddress ignored) throws IOException {
        connect(ignored, 0);
    }

    /** Connecting on the same machine needs no time limit. */
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

    // These options have no meaning for a unix socket: it delays nothing and involves no network.

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

    /** The driver expects exceptions of sockets, not those of channels. */
    private static IOException asOfSocket(IOException e) {
        if (e instanceof SocketException || e instanceof SocketTimeoutException) {
            return e;
        }
        var failure = new SocketException(e instanceof ClosedChannelException ? "Socket closed" : e.getMessage());
        failure.initCause(e);
        return failure;
    }

    /**
     * A channel has no read timeout, so a selector waits. Only checks of idle connections and the database monitor use
     * one.
     */
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
                        // Ends like a read without a timeout; the selector would no longer wait.
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
                // As with other sockets, a write to a peer that has just ended succeeds. The driver reads next and gets
                // the last message of the peer, or the end of the stream.
                if (!PEER_GONE.contains(String.valueOf(e.getMessage()))) {
                    throw asOfSocket(e);
                }
            }
        }
    }
}
