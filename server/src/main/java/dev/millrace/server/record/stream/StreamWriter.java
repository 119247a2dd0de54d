package dev.millrace.server.record.stream;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a reader that may stop reading; another thread can then disconnect it. The writing thread is interrupted
 * only while it writes, which closes its connection. One thread writes; {@link #cut} is thread-safe.
 */
final class StreamWriter {
    private static final int PIECE = 16 * 1024;

    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Thread writer;
    private long since;
    private boolean cut;

    StreamWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes in pieces, so that a slow reader is distinguished from one that does not read. */
    void write(byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; at += PIECE) {
            begin();
            try {
                out.write(bytes, at, Math.min(PIECE, bytes.length - at));
                out.flush();
            } finally {
                end();
            }
        }
    }

    private void begin() throws IOException {
        lock.lock();
        try {
            if (cut) {
                throw new IOException("the stream was cut off");
            }
            writer = Thread.currentThread();
            since = System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            writer = null;
        } finally {
            lock.unlock();
        }
    }

    /** Disconnects the reader, now or at the next write. */
    void cut() {
        lock.lock();
        try {
            cut = true;
            if (writer != null) {
                writer.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Disconnects a reader that has accepted no data for this many nanoseconds; returns whether it did. */
    boolean cutIfStuck(long nanos) {
        lock.lock();
        try {
            boolean stuck = writer != null && !cut && System.nanoTime() - since >= nanos;
            if (stuck) {
                cut();
            }
            return stuck;
        } finally {
            lock.unlock();
        }
    }
}
