package dev.millrace.server.run;

import dev.millrace.server.activity.Activity;
import dev.millrace.server.function.runtime.HostError;
import dev.millrace.server.function.runtime.Reply;
import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.provider.RetryRules;
import dev.millrace.server.proxy.AttemptLog;
import dev.millrace.server.proxy.Body;
import dev.millrace.server.proxy.Call;
import dev.millrace.server.proxy.Observer;
import dev.millrace.server.proxy.Proxy;
import dev.millrace.server.proxy.Targets;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A run's HTTP calls: to providers with the connection's credentials, or plain (functions §§7.6, 8). */
final class HttpCalls {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final Proxy proxy;
    private final Targets targets;
    private final ConnectionCalls connections;
    private final Activity.Log log;

    HttpCalls(Platform platform, ConnectionCalls connections, Activity.Log log) {
        this.proxy = platform.proxy();
        this.targets = platform.targets();
        this.connections = connections;
        this.log = log;
    }

    Reply call(JsonNode head, byte[] body) throws InterruptedException {
        var integration = ConnectionCalls.text(head, "providerConfigKey");
        var connectionId = ConnectionCalls.text(head, "connectionId");
        var call = call(head, bodyOf(head, body));
        try {
            return reply(
                    proxy.send(call, () -> targets.of(connections.current(integration, connectionId)), watching()));
        } catch (OutboundFailure e) {
            throw hostError(e);
        }
    }

    private static Call call(JsonNode head, Body body) {
        var call = Call.to(
                        head.path("method").asString("GET"),
                        head.path("endpoint").asString(""))
                .headers(headers(head.path("headers")))
                .body(body)
                .retries(head.path("retries").asInt(0))
                .retryOn(head.path("retryOn").valueStream().map(n -> n.asInt(0)).toList())
                .baseUrlOverride(head.path("baseUrlOverride").asString(""))
                .decompress(head.path("decompress").asBoolean(false))
                .followsLink(head.path("followsLink").asBoolean(false))
                .endsWhenRefusedTwice(true);
        if (head.hasNonNull("params")) {
            call.params(head.get("params"));
        }
        if (head.hasNonNull("retryHeader")) {
            call.retryHeader(RetryRules.of(head.get("retryHeader")));
        }
        if (head.hasNonNull("forwardHeadersOnRedirect")) {
            call.forwardHeadersOnRedirect(head.get("forwardHeadersOnRedirect").asBoolean(false));
        }
        return call.build();
    }

    private static Map<String, String> headers(JsonNode node) {
        var headers = new LinkedHashMap<String, String>();
        node.properties().forEach(e -> headers.put(e.getKey(), e.getValue().asString("")));
        return headers;
    }

    private static Body bodyOf(JsonNode head, byte[] body) {
        var type = head.path("headers").path("content-type").asString("");
        return switch (head.path("bodyKind").asString("none")) {
            case "json" -> new Body.JsonText(body);
            case "form" -> new Body.Form(new String(body, StandardCharsets.UTF_8));
            case "text" -> new Body.Bytes(type.isEmpty() ? FORM : type, body);
            case "none" -> new Body.None();
            default -> new Body.Bytes(type, body);
        };
    }

    private Observer watching() {
        var lines = new AttemptLog(log, false);
        return attempt -> {
            if (attempt.status().orElse(0) == 401) {
                // The next attempt, or the next call, reads the credentials again: they may have been refreshed.
                connections.forget();
            }
            lines.attempted(attempt);
        };
    }

    private static Reply reply(OutboundAnswer answer) {
        var head = Json.object()
                .put("status", answer.status())
                .put("statusText", answer.reason())
                .put("url", answer.uri().toString());
        ObjectNode headers = head.putObject("headers");
        answer.headers().forEach((name, values) -> {
            if (name.equals("set-cookie")) {
                values.forEach(headers.putArray(name)::add);
            } else {
                headers.put(name, String.join(", ", values));
            }
        });
        return Reply.streamed(head, answer.body());
    }

    private static HostError hostError(OutboundFailure failure) {
        return HostError.of(String.valueOf(failure.getMessage()), Optional.of(failure.code()));
    }

    /** {@code uncontrolledFetch}: no credentials, no retries. */
    Reply fetch(JsonNode head, byte[] body) throws InterruptedException {
        try {
            var uri = Proxy.address(head.path("url").asString(""));
            var answer = proxy.fetch(head.path("method").asString("GET"), uri, headers(head.path("headers")), body);
            var reply = reply(answer);
            reply.head().put("redirected", !answer.uri().equals(uri));
            return reply;
        } catch (OutboundFailure e) {
            throw HostError.of(String.valueOf(e.getMessage()), Optional.of(fetchCode(e.code())));
        }
    }

    /** The codes by which functions know refusals of a fetch (functions §7.6). */
    private static String fetchCode(String code) {
        return switch (code) {
            case "base_url_override_not_allowed" -> "url_not_allowed";
            case "proxy_redirect_to_denied_host" -> "invalid_redirect";
            case "ERR_FR_TOO_MANY_REDIRECTS" -> "too_many_redirects";
            default -> code;
        };
    }
}
