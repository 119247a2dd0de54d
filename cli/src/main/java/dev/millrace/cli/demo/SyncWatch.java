package dev.millrace.cli.demo;

import dev.millrace.cli.Bar;
import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import dev.millrace.client.SyncStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Waits for a run of the sync to end. */
final class SyncWatch {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final long LOOK_MILLIS = 100;

    private final MillraceClient client;
    private final ConnectionRef connection;
    private final String sync;

    SyncWatch(MillraceClient client, ConnectionRef connection, String sync) {
        this.client = client;
        this.connection = connection;
        this.sync = sync;
    }

    SyncStatus status() {
        var found = client.syncStatus(connection, List.of(sync));
        DemoFailure.unless(found.size() == 1, "The server knows no sync '%s' of the connection.".formatted(sync));
        return found.getFirst();
    }

    /** Waits for a run that ends after the previous one. */
    SyncStatus next(Optional<String> finishedBefore, int expected) throws InterruptedException {
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        try (var bar = Bar.of("      Syncing", expected)) {
            while (System.nanoTime() < end) {
                var now = status();
                bar.at(now.recordCount().path("Contact").asLong(0));
                DemoFailure.unless(!now.status().equals("ERROR"), "The sync failed: %s".formatted(now));
                if (!now.isRunning()
                        && now.finishedAt().isPresent()
                        && !now.finishedAt().equals(finishedBefore)) {
                    return now;
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        }
        throw new DemoFailure("The sync did not end within " + LONGEST_WAIT.toMinutes() + " minutes.");
    }
}
