package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.credential.signature.AwsSignature;
import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Template names for parts of the request itself; headers use them in signatures, for example. */
record RequestNames(Call call, Url uri, Body body, Moment moment) implements Names {
    /** None of them is secret. */
    static final Set<String> ALL = Set.of(
            "method", "endpoint", "host", "path", "contentType", "params", "urlCanonicalParams", "bodyCanonicalParams");

    private static final Set<String> WITH_BODY_PARAMS = Set.of("POST", "PUT", "PATCH");

    @Override
    public @Nullable String value(String path) {
        return switch (path) {
            case "method" -> call.method();
            case "endpoint" -> call.endpoint();
            case "host" -> uri.authority();
            case "path" -> uri.path();
            case "contentType" -> contentType();
            case "params" -> WITH_BODY_PARAMS.contains(call.method()) ? bodyParams() : sorted(uri.query());
            case "urlCanonicalParams" -> sorted(uri.query());
            case "bodyCanonicalParams" -> new String(body.content(), UTF_8);
            default -> null;
        };
    }

    @Override
    public @Nullable String awsSigV4(String arguments) {
        var signature = AwsSignature.of(arguments);
        return signature == null
                ? null
                : signature.authorization(call.method(), uri, contentType(), body.payload(), moment.now());
    }

    private String contentType() {
        return body instanceof Body.None ? "" : call.headers().getOrDefault("content-type", body.type());
    }

    private String bodyParams() {
        return switch (body) {
            case Body.Form(var encoded) -> sorted(encoded);
            case Body.JsonText(var bytes) ->
                Json.parse(new String(bytes, UTF_8)) instanceof ObjectNode object ? sorted(Body.encode(object)) : "";
            case Body.None _, Body.Bytes _, Body.Large _ -> "";
        };
    }

    private static String sorted(@Nullable String query) {
        return query == null ? "" : Arrays.stream(query.split("&", -1)).sorted().collect(Collectors.joining("&"));
    }
}
