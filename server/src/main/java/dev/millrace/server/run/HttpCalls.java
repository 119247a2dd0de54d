package dev.millrace.server.run;

import dev.millrace.server.activity.Activity;
import dev.millrace.server.function.runtime.HostError;
import dev.millrace.server.function.runtime.Reply;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.RetryRules;
import dev.millrace.server.proxy.AttemptLog;
import dev.millrace.server.proxy.Body;
import dev.millrace.server.proxy.Call;
import dev.millrace.server.proxy.ProviderAnswer;
import dev.millrace.server.proxy.Proxy;
import dev.millrace.server.proxy.ProxyFailure;
import dev.millrace.server.proxy.Targets;
import java.io.IOException;
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
        try (var answer = proxy.send(
                call, () -> targets.of(connections.current(integration, connectionId)), new AttemptLog(log))) {
            if (answer.status() == 401) {
                connections.forget();
            }
            return reply(answer, head.path("endpoint").asString(""));
        } catch (ProxyFailure e) {
            throw hostError(e);
        } catch (IOException e) {
            throw HostError.of("The provider's answer broke off: " + e.getMessage(), Optional.of("ECONNRESET"));
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
                .decompress(head.path("decompress").asBoolean(false));
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

    private static Reply reply(ProviderAnswer answer, String url) throws IOException {
        var head = Json.object()
                .put("status", answer.status())
                .put("statusText", answer.reason())
                .put("url", url);
        ObjectNode headers = head.putObject("headers");
        answer.headers().forEach((name, values) -> {
            if (name.equals("set-cookie")) {
                values.forEach(headers.putArray(name)::add);
            } else {
                headers.put(name, String.join(", ", values));
            }
        });
        return new Reply(head, answer.body().readAllBytes());
    }

    private static HostError hostError(ProxyFailure failure) {
        return HostError.of(String.valueOf(failure.getMessage()), Optional.of(failure.code()));
    }

    /** {@code uncontrolledFetch}: no credentials, no retries. */
    Reply fetch(JsonNode head, byte[] body) throws InterruptedException {
        var url = head.path("url").asString("");
        try (var answer = proxy.fetch(head.path("method").asString("GET"), url, headers(head.path("headers")), body)) {
            return reply(answer, url);
        } catch (ProxyFailure e) {
            throw HostError.of(String.valueOf(e.getMessage()), Optional.of(fetchCode(e.code())));
        } catch (IOException e) {
            throw HostError.of("The answer broke off: " + e.getMessage(), Optional.of("ECONNRESET"));
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
