package dev.millrace.server.function.runtime;

import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Starts worker processes, each {@link Confinement confined} as far as this machine allows. */
final class Launcher {
    private final RuntimeConfig config;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger launched = new AtomicInteger();
    private @Nullable Confinement confinement;

    Launcher(RuntimeConfig config) {
        this.config = config;
    }

    /** Found out by the first launch, so that the server's start need not wait for it. */
    private Confinement confinement() throws IOException {
        lock.lock();
        try {
            var known = confinement;
            if (known == null) {
                known = Confinement.probe(List.of(config.node().toString(), "--check", worker(directory())));
                confinement = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Node's permissions know no symbolic links. */
    private Path directory() throws IOException {
        return config.directory().toRealPath();
    }

    private static String worker(Path directory) {
        return directory.resolve("src/worker.mjs").toString();
    }

    /** Starts a worker and waits until it is ready; fails when the process ends before. */
    Worker launch(String name) throws IOException {
        var directory = Files.createTempDirectory("millrace-");
        var address = directory.resolve("s");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(address));
            int user = Confinement.user(launched.getAndIncrement());
            give(directory, address, user);
            var process = start(address, user);
            var errors = new ErrorOutput(process, name);
            var watch = closeWhenGone(process, listener);
            try {
                var wire = new Wire(listener.accept());
                var ready = wire.first();
                if (ready.type() != Frame.READY) {
                    throw new IOException("A worker said something else than ready: " + ready.type());
                }
                return new Worker(name, process, wire, errors);
            } catch (IOException e) {
                process.destroyForcibly();
                throw new IOException("A function worker did not start: " + errors.text(), e);
            } finally {
                watch.interrupt();
            }
        } finally {
            Files.deleteIfExists(address);
            Files.deleteIfExists(directory);
        }
    }

    /** The worker's user must reach the socket, and nobody else. */
    private void give(Path directory, Path address, int user) throws IOException {
        if (confinement().otherUser()) {
            Files.setAttribute(address, "unix:uid", user);
            Files.setAttribute(directory, "unix:uid", user);
        }
    }

    /** What to start instead of a command, so that it runs with the rights of a worker of its own. */
    List<String> confined(List<String> command) throws IOException {
        return confined(Confinement.user(launched.getAndIncrement()), command);
    }

    private List<String> confined(int user, List<String> command) throws IOException {
        return confinement().command(user, config.worker().memoryMegabytes(), command);
    }

    private Process start(Path address, int user) throws IOException {
        var directory = directory();
        var worker = List.of(
                config.node().toString(),
                "--permission",
                "--allow-fs-read=" + directory,
                "--disallow-code-generation-from-strings",
                "--max-old-space-size=" + config.worker().heapMegabytes(),
                worker(directory),
                address.toString());
        var builder = new ProcessBuilder(confined(user, worker))
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        return builder.start();
    }

    private static Thread closeWhenGone(Process process, ServerSocketChannel listener) {
        return Thread.ofVirtual().start(() -> {
            try {
                process.waitFor();
                listener.close();
            } catch (InterruptedException | IOException _) {
                // Interrupted: the worker is ready. Closing fails: then it is closed already.
            }
        });
    }
}
