package dev.millrace.server.function.js;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Starts worker processes with all {@link Confinement restrictions} that this machine supports. */
final class Launcher {
    private static final Duration START = Duration.ofMinutes(1);

    private final RuntimeConfig config;
    private final ReentrantLock lock = new ReentrantLock();
    private final WorkerUsers users = new WorkerUsers();
    private @Nullable Confinement confinement;

    Launcher(RuntimeConfig config) {
        this.config = config;
    }

    /** Detected at the first launch, so that the server's start does not wait for it. */
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

    /** Node's permission model does not resolve symbolic links. */
    private Path directory() throws IOException {
        return config.directory().toRealPath();
    }

    private static String worker(Path directory) {
        return directory.resolve("src/worker.mjs").toString();
    }

    /** Starts a worker and waits until it is ready; fails when the process ends before that. */
    Worker launch(String name) throws IOException {
        var process = startNode("src/worker.mjs");
        var errors = new ErrorOutput(process, name);
        var connection = new WorkerConnection(process, name);
        try {
            if (connection.awaitReady(START)) {
                return new Worker(name, process, connection, errors);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new IOException("A function worker did not start: " + errors.text());
    }

    /** Starts a script of the runtime that handles untrusted code. It may read the runtime's folder only. */
    Process startNode(String script) throws IOException {
        var directory = directory();
        return start(List.of(
                config.node().toString(),
                "--permission",
                "--allow-fs-read=" + directory,
                "--disallow-code-generation-from-strings",
                // Both open files without a check by the permission model.
                "--no-experimental-sqlite",
                "--no-experimental-webstorage",
                "--max-old-space-size=" + config.worker().heapMegabytes(),
                directory.resolve(script).toString()));
    }

    /** Starts a command with the restrictions of a worker; its three streams are pipes. */
    Process start(List<String> command) throws IOException {
        var rights = confinement();
        int user = rights.otherUser() ? users.claim() : 0;
        Process process = null;
        try {
            process = run(rights.command(user, config.worker().memoryMegabytes(), command));
            return process;
        } finally {
            if (process == null) {
                users.release(user);
            } else {
                releaseAfter(process, user);
            }
        }
    }

    private void releaseAfter(Process process, int user) {
        Thread.ofVirtual().name("function-worker-user").start(() -> {
            try {
                process.waitFor();
                users.release(user);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private Process run(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).directory(directory().toFile());
        builder.environment().clear();
        return builder.start();
    }
}
