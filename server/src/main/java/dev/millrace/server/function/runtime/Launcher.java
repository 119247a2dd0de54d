package dev.millrace.server.function.runtime;

import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts worker processes. When the server runs as root, workers run as nobody where {@code setpriv} exists and nobody can
 * read the runtime; otherwise they run as the server's own user, and a warning says so.
 */
final class Launcher {
    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs");

    private final RuntimeConfig config;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable List<String> prefix;

    Launcher(RuntimeConfig config) {
        this.config = config;
    }

    /** What goes before the command; found out by the first launch, so that the server's start need not wait for it. */
    List<String> prefix() throws IOException {
        lock.lock();
        try {
            var known = prefix;
            if (known == null) {
                known = probe();
                prefix = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private List<String> probe() throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        var probe = new ArrayList<>(AS_NOBODY);
        probe.addAll(List.of(config.node().toString(), "--check", worker(directory())));
        try {
            var process = new ProcessBuilder(probe)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return AS_NOBODY;
            }
            process.destroyForcibly();
        } catch (IOException e) {
            LOG.debug("setpriv cannot be started", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        LOG.warn("Function workers run as root: setpriv is missing, or nobody cannot read {}", config.directory());
        return List.of();
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
            open(directory, address);
            var process = start(address);
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

    /** Another user must reach the socket; the folder's name, which only the worker is told, is what keeps others out. */
    private void open(Path directory, Path address) throws IOException {
        if (!prefix().isEmpty()) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            Files.setPosixFilePermissions(address, PosixFilePermissions.fromString("rw-rw-rw-"));
        }
    }

    private Process start(Path address) throws IOException {
        var directory = directory();
        var command = new ArrayList<>(prefix());
        command.addAll(List.of(
                config.node().toString(),
                "--permission",
                "--allow-fs-read=" + directory,
                "--disallow-code-generation-from-strings",
                "--max-old-space-size=" + config.heapMegabytes(),
                worker(directory),
                address.toString()));
        var builder = new ProcessBuilder(command)
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
