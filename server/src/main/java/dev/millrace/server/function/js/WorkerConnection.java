package dev.millrace.server.function.js;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames to a worker's standard input and receives frames from its standard output. Each direction has a platform
 * thread, because pipes block the carrier of a virtual thread. The connection ends with the process.
 */
final class WorkerConnection {
    private static final int BATCH = 32;
    private static final int BUFFER = 64 * 1024;
    /** The limit for response bytes that the worker has not read yet. A sender waits when it is reached. */
    private static final int MOST_UNREAD = 64 * 1024 * 1024;

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** Receives frames from the worker, on the connection's thread. */
    interface Receiver {
        /** @throws MalformedFrame when the worker may not send this frame; the connection then ends */
        void receive(Frame frame) throws MalformedFrame;

        /**
         * Called when no more frames arrive.
         *
         * @param fault a {@link MalformedFrame} or an error of the receiver; null at the end of the stream
         */
        void ended(@Nullable Throwable fault);
    }

    private final Process process;
    private final BlockingQueue<Frame> outgoing = new LinkedBlockingQueue<>();
    private final Semaphore unread = new Semaphore(MOST_UNREAD, true);
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread writer;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Receiver receiver;
    private volatile boolean ended;
    private @Nullable Throwable fault;

    WorkerConnection(Process process, String name) {
        this.process = process;
        this.writer = Thread.ofPlatform().daemon().name(name + "-writer").start(this::write);
        Thread.ofPlatform().daemon().name(name + "-reader").start(this::read);
    }

    /**
     * Waits for the frame that reports that the worker is ready; false when the worker ended before that or on timeout.
     */
    boolean awaitReady(Duration limit) throws InterruptedException {
        return ready.await(limit.toNanos(), TimeUnit.NANOSECONDS) && !ended;
    }

    /** Sets the receiver of frames. The worker must not send any before this. */
    void start(Receiver to) {
        lock.lock();
        try {
            receiver = to;
            if (!ended) {
                return;
            }
        } finally {
            lock.unlock();
        }
        to.ended(fault);
    }

    private void read() {
        Throwable cause = null;
        try (var in = new DataInputStream(new BufferedInputStream(process.getInputStream(), BUFFER))) {
            var first = Frame.read(in);
            if (first.type() != Frame.READY) {
                throw new MalformedFrame("another first frame than READY");
            }
            Head.check(first.head());
            ready.countDown();
            while (true) {
                receive(Frame.read(in));
            }
        } catch (MalformedFrame e) {
            cause = e;
        } catch (IOException _) {
            // The end of the stream shows that the worker has ended.
        } catch (RuntimeException | Error e) {
            cause = e;
        }
        end(cause);
    }

    private void receive(Frame frame) throws MalformedFrame {
        var to = receiver;
        if (to == null) {
            throw new MalformedFrame("a frame of type " + frame.type() + " before it was given work");
        }
        if (frame.type() == Frame.READY) {
            throw new MalformedFrame("a second READY");
        }
        to.receive(frame);
    }

    private void end(@Nullable Throwable cause) {
        Receiver to;
        lock.lock();
        try {
            // A process that is being killed may leave an incomplete frame in the pipe.
            fault = process.isAlive() ? cause : null;
            ended = true;
            to = receiver;
        } finally {
            lock.unlock();
        }
        process.destroyForcibly();
        writer.interrupt();
        ready.countDown();
        if (to != null) {
            to.ended(fault);
        }
    }

    void send(Frame frame) {
        outgoing.add(frame);
    }

    /** Sends the result of a call, once the worker has read enough of the earlier ones or has ended. */
    void answer(Frame frame) throws InterruptedException {
        boolean waits = frame.body().length > 0;
        while (waits && !unread.tryAcquire(cost(frame), LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS)) {
            waits = !ended;
        }
        outgoing.add(frame);
    }

    private static int cost(Frame frame) {
        return Math.min(frame.body().length, MOST_UNREAD);
    }

    private void write() {
        var batch = new ArrayList<Frame>(BATCH);
        try (var out = new BufferedOutputStream(process.getOutputStream(), BUFFER)) {
            while (true) {
                batch.add(outgoing.take());
                outgoing.drainTo(batch, BATCH - 1);
                for (var frame : batch) {
                    frame.write(out);
                }
                out.flush();
                unread.release(cost(batch));
                batch.clear();
            }
        } catch (InterruptedException | IOException _) {
            // The worker has ended, which the reading thread detects; or it no longer reads, and cannot be used.
            process.destroyForcibly();
        }
    }

    private static int cost(List<Frame> batch) {
        return batch.stream()
                .filter(Frame::answers)
                .mapToInt(WorkerConnection::cost)
                .sum();
    }
}
