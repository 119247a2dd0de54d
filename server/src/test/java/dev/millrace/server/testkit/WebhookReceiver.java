package dev.millrace.server.testkit;

import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** An application that receives webhooks. It accepts requests to any path. */
public final class WebhookReceiver implements AutoCloseable {
    /** The longest time that tests wait for webhooks. */
    public static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final ScriptedApi app = new ScriptedApi();

    public String url(String path) {
        return app.url() + path;
    }

    /** Sets the status of all later responses. Forgets the requests received so far. */
    public void respondWithStatus(Function<Asked, Integer> status) {
        app.answers(asked -> Given.json(status.apply(asked), "{}"));
    }

    /** Sets all later responses. Forgets the requests received so far. */
    public void respondWith(Function<Asked, Given> answer) {
        app.answers(answer);
    }

    /** The requests to a path, oldest first. */
    public List<Asked> received(String path) {
        return app.asked().stream().filter(asked -> asked.path().equals(path)).toList();
    }

    /** The bodies of the requests to a path, oldest first. */
    public List<JsonNode> bodies(String path) {
        return received(path).stream()
                .map(asked -> RawClient.JSON.readTree(asked.body()))
                .toList();
    }

    /** Waits until a path has received at least {@code count} requests, and returns all of them. */
    public List<Asked> awaitRequests(String path, int count) {
        return await().atMost(TIMEOUT).until(() -> received(path), found -> found.size() >= count);
    }

    /** Waits for a request whose body matches, and returns the body. */
    public JsonNode awaitBody(String path, Predicate<JsonNode> predicate) {
        return await().atMost(TIMEOUT)
                .until(() -> bodies(path).stream().filter(predicate).findFirst(), found -> found.isPresent())
                .orElseThrow();
    }

    @Override
    public void close() {
        app.close();
    }
}
