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
 * The frames that go to a worker's standard input and come from its standard output. Each direction has a platform thread of
 * its own, because reading and writing a pipe blocks the carrier of a virtual thread. The connection ends with the process.
 */
final class WorkerConnection {
    private static final int BATCH = 32;
    private static final int BUFFER = 64 * 1024;
    /** Bytes of answers that may wait for the worker to read them; whoever has more for it waits as well. */
    private static final int ROOM = 64 * 1024 * 1024;

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** Takes what the worker sends, on the connection's thread. */
    interface Receiver {
        /** @throws MalformedFrame when the worker may not send this: the connection ends */
        void receive(Frame frame) throws MalformedFrame;

        /**
         * No more frames come.
         *
         * @param fault a {@link MalformedFrame} or an error of the receiver; null at the end of the stream
         */
        void ended(@Nullable Throwable fault);
    }

    private final Process process;
    private final BlockingQueue<Frame> outgoing = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(ROOM, true);
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

    /** Waits for the frame that tells that the worker is ready; false when it ended before or the time is over. */
    boolean awaitReady(Duration limit) throws InterruptedException {
        return ready.await(limit.toNanos(), TimeUnit.NANOSECONDS) && !ended;
    }

    /** Names who takes the frames; before this none may come. */
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
            // The end of the stream is how a worker's death is noticed.
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
            // What a process that is being killed leaves in its pipe need not be whole.
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

    /** Sends what a function asked for, once there is room for it or nobody left to read it. */
    void answer(Frame frame) throws InterruptedException {
        boolean waits = frame.body().length > 0;
        while (waits && !room.tryAcquire(cost(frame), LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS)) {
            waits = !ended;
        }
        outgoing.add(frame);
    }

    private static int cost(Frame frame) {
        return Math.min(frame.body().length, ROOM);
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
                room.release(cost(batch));
                batch.clear();
            }
        } catch (InterruptedException | IOException _) {
            // The worker is gone, which the reading side finds out; or it reads no more, and is of no use.
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
