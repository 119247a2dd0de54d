package dev.millrace.server.testkit;

import dev.millrace.server.record.Dataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** A {@link StoreProcess} as the test sees it: commands go in, what it reports is heard to its very end. */
public final class StoreServer implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final Thread listener;
    private final StoreWriter.Report report;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Set<LongOperation> done = ConcurrentHashMap.newKeySet();
    private volatile String address = "";
    private volatile String key = "";

    private StoreServer(Process process, StoreWriter.Report report) {
        this.process = process;
        this.report = report;
        this.commands = process.outputWriter();
        this.listener = Thread.ofVirtual().start(this::listen);
    }

    /**
     * Returns once it answers.
     *
     * @param data a folder of its own
     */
    public static StoreServer start(Path data, String databaseUrl, StoreWriter.Report report) throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        StoreProcess.class.getName(),
                        data.toString(),
                        databaseUrl)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var server = new StoreServer(process, report);
        server.ready.await();
        if (server.address.isEmpty()) {
            throw new IOException("the server did not start");
        }
        return server;
    }

    /** Gives a second server the keys of the first. */
    public static void shareKeys(Path from, Path to) throws IOException {
        Files.createDirectories(to.resolve("keys"));
        for (var key : List.of("encryption.key", "keys/dev.key")) {
            Files.copy(from.resolve(key), to.resolve(key));
        }
    }

    private void listen() {
        try (var out = process.inputReader()) {
            for (var line = out.readLine(); line != null; line = out.readLine()) {
                hear(line.split(" ", 4));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ready.countDown();
            stopped.countDown();
        }
    }

    private void hear(String[] words) {
        switch (words[0]) {
            case "ready" -> {
                address = words[1];
                key = words[2];
                ready.countDown();
            }
            case "ack" -> report.acknowledged(words[1], Integer.parseInt(words[2]));
            case "failed" -> report.failed(words[1], Integer.parseInt(words[2]), words[3]);
            case "done" -> done.add(LongOperation.valueOf(words[1]));
            case "stopped" -> stopped.countDown();
            default -> System.err.println(String.join(" ", words));
        }
    }

    public URI url() {
        return URI.create(address);
    }

    public String key() {
        return key;
    }

    /** @param firsts the number of the first slice of each author */
    void write(long seed, List<Dataset> datasets, Map<String, Integer> firsts) {
        var to = datasets.stream().map(StoreServer::text).collect(Collectors.joining(","));
        var authors = firsts.entrySet().stream()
                .map(first -> first.getKey() + "=" + first.getValue())
                .collect(Collectors.joining(","));
        command("write " + seed + " " + to + " " + authors);
    }

    void begin(LongOperation operation, Dataset dataset) {
        command("operation " + operation + " " + text(dataset));
    }

    boolean isDone(LongOperation operation) {
        return done.contains(operation);
    }

    private static String text(Dataset dataset) {
        return dataset.connection() + "/" + dataset.model();
    }

    private void command(String line) {
        try {
            commands.write(line + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until no author writes any more. */
    void stopWriting() throws InterruptedException {
        command("stop");
        stopped.await();
    }

    /** {@code kill -9}; returns when all that it said has been heard. */
    public void kill() throws InterruptedException {
        // Not by the process itself: that would close what we hear it by.
        process.toHandle().destroyForcibly();
        process.onExit().join();
        listener.join();
    }

    /** Ends its input and waits for it to stop in good order. */
    @Override
    public void close() throws IOException {
        if (process.isAlive()) {
            commands.close();
            process.onExit().join();
        }
    }
}
