package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** The cases of one file under {@code contract}, played in order against a server of their own. */
public final class ContractStory implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final TestServer server = TestServer.start();
    private final MockApi mock = new MockApi();
    private final Map<String, String> saved = new LinkedHashMap<>();
    private final JsonNode story;

    public ContractStory(String name) {
        story = read(name + ".json");
        saved.put("mock", mock.url());
        for (var need : story.path("needs")) {
            switch (need.asString()) {
                case "integrations" -> integrations();
                case "functions" -> server.client().deploy(read("deploy.json"));
                case "connections" -> connections(story.path("needs"));
                default -> throw new IllegalArgumentException("nothing is known about the need " + need);
            }
        }
    }

    static JsonNode read(String file) {
        try (var in = ContractStory.class.getResourceAsStream("/contract/" + file)) {
            if (in == null) {
                throw new IllegalArgumentException("there is no contract/" + file);
            }
            return RawClient.JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void integrations() {
        var client = server.client();
        client.createIntegration(
                Map.of("provider", "unauthenticated", "unique_key", "mock-none", "display_name", "Mock none"));
        client.createIntegration(
                Map.of("provider", "private-api-bearer", "unique_key", "mock-key", "display_name", "Mock key"));
    }

    private void connections(JsonNode needs) {
        var client = server.client();
        client.importConnection(Map.of(
                "provider_config_key",
                "mock-none",
                "connection_id",
                "c1",
                "credentials",
                Map.of("type", "NONE"),
                "metadata",
                Map.of("total", 250, "pageSize", 100, "mock", mock.url())));
        client.importConnection(Map.of(
                "provider_config_key",
                "mock-key",
                "connection_id",
                "k1",
                "credentials",
                Map.of("type", "API_KEY", "apiKey", "secret-api-key-1")));
        if (needs.valueStream().anyMatch(need -> need.asString().equals("functions"))) {
            var c1 = new ConnectionRef("mock-none", "c1");
            await().atMost(LONGEST_WAIT)
                    .until(() -> client.connection(c1).path("metadata").has("post-connection-creation"));
        }
    }

    public Stream<DynamicTest> tests() {
        return story.path("cases")
                .valueStream()
                .map(c -> DynamicTest.dynamicTest(c.path("name").asString(), () -> play((ObjectNode) c)))
                .onClose(this::close);
    }

    private void play(ObjectNode original) {
        var encoded = original.path("query").asString("");
        var exchange = (ObjectNode) fill(original, UnaryOperator.identity());
        var query = fill(encoded, value -> URLEncoder.encode(value, StandardCharsets.UTF_8));
        var reply = exchange.path("eventually").asBoolean(false) ? eventually(exchange, query) : send(exchange, query);
        difference(exchange, reply).ifPresent(d -> fail(exchange, query, reply, d));
        for (var save : exchange.path("save").properties()) {
            saved.put(save.getKey(), reply.json().at(save.getValue().asString()).asString());
        }
    }

    /** The first answer that fits, or the last one. */
    private RawClient.Reply eventually(ObjectNode exchange, String query) {
        var last = new AtomicReference<>(send(exchange, query));
        try {
            await().atMost(LONGEST_WAIT).pollInterval(Duration.ofMillis(50)).until(() -> {
                last.set(send(exchange, query));
                return difference(exchange, last.get()).isEmpty();
            });
        } catch (ConditionTimeoutException _) {
            // The caller tells what is missing.
        }
        return last.get();
    }

    private static void fail(ObjectNode exchange, String query, RawClient.Reply reply, String difference) {
        assertThat(difference)
                .as(
                        "%s: %s %s%s%nbody %s%nanswered %s%n",
                        exchange.path("name").asString(),
                        exchange.path("method").asString(),
                        exchange.path("path").asString(),
                        query.isEmpty() ? "" : "?" + query,
                        exchange.path("body"),
                        reply)
                .isEmpty();
    }

    private JsonNode fill(JsonNode node, UnaryOperator<String> encode) {
        return switch (node) {
            case ObjectNode object -> {
                var copy = RawClient.JSON.createObjectNode();
                object.properties().forEach(e -> copy.set(fill(e.getKey(), encode), fill(e.getValue(), encode)));
                yield copy;
            }
            case ArrayNode array -> {
                var copy = RawClient.JSON.createArrayNode();
                array.forEach(item -> copy.add(fill(item, encode)));
                yield copy;
            }
            default -> node.isString() ? StringNode.valueOf(fill(node.stringValue(), encode)) : node;
        };
    }

    private String fill(String text, UnaryOperator<String> encode) {
        var filled = text;
        for (var value : saved.entrySet()) {
            filled = filled.replace("{{" + value.getKey() + "}}", encode.apply(value.getValue()));
        }
        return filled;
    }

    private RawClient.Reply send(ObjectNode exchange, String query) {
        var headers = new LinkedHashMap<String, String>();
        exchange.path("headers")
                .properties()
                .forEach(e -> headers.put(e.getKey(), e.getValue().asString()));
        boolean typed = headers.keySet().stream()
                .anyMatch(name -> name.toLowerCase(Locale.ROOT).equals("content-type"));
        if (!typed && (exchange.has("body") || exchange.has("bodyFile"))) {
            headers.put("Content-Type", "application/json");
        }
        var path = exchange.path("path").asString() + (query.isEmpty() ? "" : "?" + query);
        return server.raw().send(exchange.path("method").asString(), path, headers, body(exchange));
    }

    private static BodyPublisher body(ObjectNode exchange) {
        if (exchange.has("rawBody")) {
            return BodyPublishers.ofString(exchange.path("rawBody").asString());
        }
        if (exchange.has("bodyFile")) {
            var body = (ObjectNode) read(exchange.path("bodyFile").asString());
            exchange.path("omit").forEach(key -> body.remove(key.asString()));
            return BodyPublishers.ofString(body.toString());
        }
        return exchange.has("body")
                ? BodyPublishers.ofString(exchange.path("body").toString())
                : BodyPublishers.noBody();
    }

    private static Optional<String> difference(ObjectNode exchange, RawClient.Reply reply) {
        if (reply.status() != exchange.path("status").intValue()) {
            return Optional.of("status: expected " + exchange.path("status") + ", got " + reply.status());
        }
        for (var header : exchange.path("expectHeaders").properties()) {
            var got = reply.headers().firstValue(header.getKey()).orElse("");
            if (!got.startsWith(header.getValue().asString())) {
                return Optional.of("header " + header.getKey() + ": expected " + header.getValue() + ", got " + got);
            }
        }
        return exchange.has("expect")
                ? JsonShape.difference(exchange.path("expect"), reply.text().isEmpty() ? null : reply.json())
                : plain(exchange, reply);
    }

    private static Optional<String> plain(ObjectNode exchange, RawClient.Reply reply) {
        var expectations = List.of(
                Optional.ofNullable(exchange.get("text"))
                        .map(text -> text.asString().equals(reply.text())),
                Optional.ofNullable(exchange.get("base64"))
                        .map(text -> text.asString().equals(Base64.getEncoder().encodeToString(reply.body()))),
                Optional.ofNullable(exchange.get("empty")).map(_ -> reply.body().length == 0));
        return expectations.stream().anyMatch(held -> held.isPresent() && !held.get())
                ? Optional.of("body: " + reply.text())
                : Optional.empty();
    }

    @Override
    public void close() {
        server.close();
        mock.close();
    }
}
