package dev.millrace.server.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests as they are written, answers as they come. Thread-safe. */
public final class RawClient implements AutoCloseable {
    public static final JsonMapper JSON = JsonMapper.shared();

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final Map<String, String> JSON_TYPE = Map.of("Content-Type", "application/json");

    private final HttpClient http;
    private final URI server;
    private final String key;

    public RawClient(URI server, String key) {
        this(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), server, key);
    }

    private RawClient(HttpClient http, URI server, String key) {
        this.http = http;
        this.server = server;
        this.key = key;
    }

    /** The same server, with another key. */
    public RawClient with(String otherKey) {
        return new RawClient(http, server, otherKey);
    }

    /** A response with any status. */
    public record Reply(int status, HttpHeaders headers, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            return JSON.readTree(body);
        }

        /** The error's code, empty text when there is none. */
        public String code() {
            return json().path("error").path("code").asString("");
        }

        @Override
        public String toString() {
            return status + " " + text();
        }
    }

    public Reply get(String path) {
        return send("GET", path, Map.of(), BodyPublishers.noBody());
    }

    public Reply get(String path, Map<String, String> headers) {
        return send("GET", path, headers, BodyPublishers.noBody());
    }

    public Reply post(String path, String json) {
        return send("POST", path, json);
    }

    public Reply put(String path, String json) {
        return send("PUT", path, json);
    }

    public Reply delete(String path) {
        return send("DELETE", path, Map.of(), BodyPublishers.noBody());
    }

    public Reply patch(String path, String json) {
        return send("PATCH", path, json);
    }

    public Reply send(String method, String path, String json) {
        return send(method, path, JSON_TYPE, BodyPublishers.ofString(json));
    }

    /** The API key goes along unless the headers name another authorization. */
    public Reply send(String method, String path, Map<String, String> headers, BodyPublisher body) {
        var request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(LONGEST_WAIT)
                .method(method, body);
        headers.forEach(request::header);
        if (headers.keySet().stream().noneMatch("authorization"::equalsIgnoreCase)) {
            request.header("Authorization", "Bearer " + key);
        }
        try {
            var response = http.send(request.build(), BodyHandlers.ofByteArray());
            return new Reply(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
