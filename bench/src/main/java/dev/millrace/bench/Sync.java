package dev.millrace.bench;

import dev.millrace.cli.Bar;
import dev.millrace.client.ConnectionRef;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One run of a sync that saves all records of a new connection. */
final class Sync implements Scenario {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);
    private static final long SHORTEST_LOOK_MILLIS = 50;
    private static final int LOOKS = 50;
    private static final String SYNC = "items";

    private final int total;
    private final Reference reference;

    Sync(int total, Reference reference) {
        this.total = total;
        this.reference = reference;
    }

    @Override
    public String name() {
        return "sync-" + total;
    }

    @Override
    public String about() {
        return "a sync of " + total + " new records, 100 a page";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        var connection = stage.connect(name() + '-' + Long.toString(System.nanoTime(), Character.MAX_RADIX));
        stage.client().setMetadata(connection, Map.of("total", total));
        var subject = stage.subject();
        var before = subject.cpu();
        long began = System.nanoTime();
        sync(stage, connection, total);
        double seconds = (System.nanoTime() - began) / 1e9;
        var cpu = subject.cpu().minus(before);
        return Result.ofRun(name(), seconds, cpu, subject.memory(), reference);
    }

    /** Fills a connection with a few records for reading. */
    static void fill(Stage stage, String connection, int total) throws IOException, InterruptedException {
        var ref = stage.connect(connection);
        stage.client().setMetadata(ref, Map.of("total", total));
        sync(stage, ref, total);
    }

    private static void sync(Stage stage, ConnectionRef connection, int total)
            throws IOException, InterruptedException {
        var client = stage.client();
        client.startSync(connection, List.of(SYNC));
        long began = System.nanoTime();
        long end = began + LONGEST_WAIT.toNanos();
        try (var bar = Bar.of("Syncing " + total, total)) {
            while (System.nanoTime() < end) {
                var status = client.syncStatus(connection, List.of(SYNC)).getFirst();
                bar.at(status.recordCount().path("Item").asLong(0));
                if (status.status().equals("ERROR")) {
                    throw new IOException("The sync failed: " + status);
                }
                if (!status.isRunning() && status.finishedAt().isPresent()) {
                    check(status.recordCount().path("Item").asInt(0), total);
                    // The next run must not start during another measurement.
                    client.pauseSync(connection, List.of(SYNC));
                    return;
                }
                // Polling costs the server CPU time, so the interval grows.
                long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                TimeUnit.MILLISECONDS.sleep(Math.max(SHORTEST_LOOK_MILLIS, elapsed / LOOKS));
            }
        }
        throw new IOException("The sync did not end within " + LONGEST_WAIT.toMinutes() + " minutes.");
    }

    private static void check(int count, int total) throws IOException {
        if (count != total) {
            throw new IOException("The sync saved " + count + " records instead of " + total);
        }
    }
}
