package dev.millrace.server.connection;

import dev.millrace.server.http.Failure;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Adds metadata paths to the index of integrations in the background. All connections of the integration are indexed,
 * which takes some seconds for every 10,000 of them. If the server stops, nothing of it remains, and the next call
 * starts again. Thread-safe.
 */
final class MetadataIndexing {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    private final Integrations integrations;
    private final Map<Path, FutureTask<Boolean>> running = new ConcurrentHashMap<>();

    private record Path(long integration, String text) {}

    MetadataIndexing(Integrations integrations) {
        this.integrations = integrations;
    }

    /**
     * Waits a short time until connections can be found by the path.
     *
     * @throws Failure with status 503 if it takes longer
     */
    void await(Integration integration, String text) throws InterruptedException {
        var path = new Path(integration.id(), text);
        var done = running.computeIfAbsent(path, _ -> start(integration, path));
        try {
            done.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw Failure.unavailable(
                    "metadata_index_building",
                    "The index of the metadata path \"" + text + "\" is being built. Send the webhook again.");
        } catch (ExecutionException e) {
            throw new IllegalStateException("The metadata path " + text + " could not be indexed", e.getCause());
        }
    }

    private FutureTask<Boolean> start(Integration integration, Path path) {
        var task = new FutureTask<>(() -> {
            try {
                integrations.indexAlso(integration, path.text());
                return true;
            } finally {
                running.remove(path);
            }
        });
        Thread.ofVirtual().name("metadata-index").start(task);
        return task;
    }
}
