package dev.millrace.server.function.runtime;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The socket to one worker. Writing is left to a thread of its own: an interrupted thread that touches a channel closes it, and
 * the threads that have something to say here are interrupted whenever a run is cancelled.
 */
final class Wire {
    private static final int BATCH = 32;
    /** Bytes of answers that may wait for the worker to read them; whoever has more for it waits as well. */
    private static final int ROOM = 64 * 1024 * 1024;

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final SocketChannel channel;
    private final DataInputStream in;
    private final BlockingQueue<Frame> outgoing = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(ROOM, true);

    Wire(SocketChannel channel) {
        this.channel = channel;
        this.in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), 64 * 1024));
    }

    /** Reads the first frame, before {@link #start}. */
    Frame first() throws IOException {
        return Frame.read(in);
    }

    /** Starts both directions; {@code onClose} runs once, when the worker is gone. */
    void start(String name, Consumer<Frame> onFrame, Runnable onClose) {
        var writer = Thread.ofVirtual().name(name + "-writer").start(this::write);
        Thread.ofVirtual().name(name + "-reader").start(() -> {
            try {
                while (true) {
                    onFrame.accept(Frame.read(in));
                }
            } catch (IOException _) {
                // The end of the stream is how a worker's death is noticed; onClose finds out why.
            } finally {
                writer.interrupt();
                close();
                onClose.run();
            }
        });
    }

    void send(Frame frame) {
        outgoing.add(frame);
    }

    /** Sends what a function asked for, once there is room for it or nobody left to read it. */
    void answer(Frame frame) throws InterruptedException {
        boolean waits = frame.body().length > 0;
        while (waits && !room.tryAcquire(cost(frame), LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS)) {
            waits = channel.isOpen();
        }
        outgoing.add(frame);
    }

    private static int cost(Frame frame) {
        return Math.min(frame.body().length, ROOM);
    }

    private void write() {
        var batch = new ArrayList<Frame>(BATCH);
        try {
            while (true) {
                batch.add(outgoing.take());
                outgoing.drainTo(batch, BATCH - 1);
                send(batch);
                room.release(batch.stream()
                        .filter(Frame::answers)
                        .mapToInt(Wire::cost)
                        .sum());
                batch.clear();
            }
        } catch (InterruptedException | IOException _) {
            close();
        }
    }

    private void send(List<Frame> batch) throws IOException {
        var buffers = batch.stream()
                .flatMap(frame -> List.of(frame.buffers()).stream())
                .toArray(ByteBuffer[]::new);
        int from = 0;
        while (from < buffers.length) {
            channel.write(buffers, from, buffers.length - from);
            while (from < buffers.length && !buffers[from].hasRemaining()) {
                from++;
            }
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // Nothing is lost: the worker is being given up.
        }
    }
}
