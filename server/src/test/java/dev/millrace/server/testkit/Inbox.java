package dev.millrace.server.testkit;

import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** An application that receives webhooks, at as many addresses as a test wants. */
public final class Inbox implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ScriptedApi app = new ScriptedApi();

    public String url(String path) {
        return app.url() + path;
    }

    /** From now on it answers with these statuses; what it has received is forgotten. */
    public void answers(Function<Asked, Integer> status) {
        app.answers(asked -> Given.json(status.apply(asked), "{}"));
    }

    public void gives(Function<Asked, Given> answer) {
        app.answers(answer);
    }

    public List<Asked> received(String path) {
        return app.asked().stream().filter(asked -> asked.path().equals(path)).toList();
    }

    public List<JsonNode> bodies(String path) {
        return received(path).stream()
                .map(asked -> RawClient.JSON.readTree(asked.body()))
                .toList();
    }

    /** Waits until so many have come to an address; all that have. */
    public List<Asked> first(String path, int count) {
        return await().atMost(PATIENCE).until(() -> received(path), found -> found.size() >= count);
    }

    /** Waits for one that looks like this. */
    public JsonNode one(String path, Predicate<JsonNode> looks) {
        return await().atMost(PATIENCE)
                .until(() -> bodies(path).stream().filter(looks).findFirst(), found -> found.isPresent())
                .orElseThrow();
    }

    @Override
    public void close() {
        app.close();
    }
}
