package dev.millrace.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Sends requests and converts error responses to exceptions. Thread-safe. */
final class Transport implements AutoCloseable {
    /** Numbers keep their digits. */
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final String CONTENT_TYPE = "Content-Type";
    private static final Pattern VERSION = Pattern.compile("\"([0-9]{1,18})\"");

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofMinutes(16);
    private static final int FIRST_FAILURE = 300;

    private final HttpClient http;
    private final URI server;
    private final String key;
    private final Consumer<ApiCall> listener;

    Transport(URI server, String key) {
        this(HttpClient.newBuilder().connectTimeout(CONNECT).build(), server, key, _ -> {});
    }

    private Transport(HttpClient http, URI server, String key, Consumer<ApiCall> listener) {
        this.http = http;
        this.server = server;
        this.key = key;
        this.listener = listener;
    }

    Transport listening(Consumer<ApiCall> to) {
        return new Transport(http, server, key, to);
    }

    JsonNode send(ApiCall call) {
        return read(call, exchange(call));
    }

    /** The same with the version in the response's ETag; 0 without one. */
    VersionedMetadata sendVersioned(ApiCall call) {
        var response = exchange(call);
        var version = VERSION.matcher(response.headers().firstValue("ETag").orElse(""));
        return new VersionedMetadata(version.matches() ? Long.parseLong(version.group(1)) : 0, read(call, response));
    }

    private HttpResponse<String> exchange(ApiCall call) {
        listener.accept(call);
        var request = HttpRequest.newBuilder(server.resolve(call.path()))
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + key);
        call.headers().forEach(request::header);
        if (call.body().isPresent()) {
            if (!call.headers().containsKey(CONTENT_TYPE)) {
                request.header(CONTENT_TYPE, "application/json");
            }
            request.method(call.method(), BodyPublishers.ofString(call.body().get()));
        } else {
            request.method(call.method(), BodyPublishers.noBody());
        }
        return answer(call, request.build());
    }

    private HttpResponse<String> answer(ApiCall call, HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new MillraceException(call.method() + " " + request.uri() + " got no answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MillraceException(call.method() + " " + request.uri() + " was interrupted", e);
        }
    }

    private static JsonNode read(ApiCall call, HttpResponse<String> response) {
        var body = parse(response.body());
        if (response.statusCode() < FIRST_FAILURE) {
            return body;
        }
        var error = body.path("error");
        var code = error.path("code").asString("unknown");
        var detail = error.path("message").asString(error.isMissingNode() ? response.body() : error.toString());
        throw new MillraceException(
                response.statusCode(),
                code,
                call.method() + " " + call.path() + " was answered " + response.statusCode() + " " + code + ": "
                        + detail);
    }

    private static JsonNode parse(String text) {
        if (text.isBlank()) {
            return JsonNodeFactory.instance.missingNode();
        }
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            // An error page of a proxy, or a plain text response.
            return JsonNodeFactory.instance.stringNode(text);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
