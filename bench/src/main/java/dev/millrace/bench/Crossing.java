package dev.millrace.bench;

import dev.millrace.cli.Bar;
import dev.millrace.client.ConnectionRef;
import dev.millrace.client.SyncStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The path of records from a function to the store, which contains them already: nothing is fetched and nothing is
 * written.
 */
final class Crossing implements Scenario {
    private static final int RECORDS = 100_000;
    private static final String SYNC = "cross";
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    @Override
    public String name() {
        return "cross-100000";
    }

    @Override
    public String about() {
        return "a sync saves 100,000 records it makes itself, 100 at a time, that are stored and unchanged";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        var connection = stage.connect("crossing");
        stage.client().setMetadata(connection, Map.of("total", RECORDS));
        sync(stage, connection);
        var subject = stage.subject();
        var before = subject.cpu();
        long began = System.nanoTime();
        sync(stage, connection);
        double seconds = (System.nanoTime() - began) / 1e9;
        return Result.ofRun(name(), seconds, subject.cpu().minus(before), subject.memory(), Reference.NONE);
    }

    private static void sync(Stage stage, ConnectionRef connection) throws IOException, InterruptedException {
        var before = status(stage, connection).finishedAt();
        stage.client().triggerSync(connection, List.of(SYNC));
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        try (var bar = Bar.of("Saving " + RECORDS, RECORDS)) {
            while (System.nanoTime() < end) {
                var now = status(stage, connection);
                bar.at(now.latestResult().at("/Made/added").asLong(0));
                if (now.status().equals("ERROR")) {
                    throw new IOException("The sync failed: " + now);
                }
                if (ended(now.finishedAt(), before)) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IOException("The sync did not end within " + LONGEST_WAIT.toMinutes() + " minutes.");
    }

    private static boolean ended(Optional<String> now, Optional<String> before) {
        return now.isPresent() && !now.equals(before);
    }

    private static SyncStatus status(Stage stage, ConnectionRef connection) {
        return stage.client().syncStatus(connection, List.of(SYNC)).getFirst();
    }
}
