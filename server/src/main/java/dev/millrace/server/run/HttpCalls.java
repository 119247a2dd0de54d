package dev.millrace.server.run;

import dev.millrace.server.function.js.FunctionHost.FetchAnswer;
import dev.millrace.server.function.js.FunctionHost.FetchCall;
import dev.millrace.server.function.js.FunctionHost.HttpAnswer;
import dev.millrace.server.function.js.FunctionHost.HttpCall;
import dev.millrace.server.function.js.HostError;
import dev.millrace.server.log.Logs;
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
import java.util.Optional;

/** A run's HTTP calls: to providers with the connection's credentials, or plain. */
final class HttpCalls {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final Proxy proxy;
    private final Targets targets;
    private final ConnectionCalls connections;
    private final Logs.Log log;

    HttpCalls(Platform platform, ConnectionCalls connections, Logs.Log log) {
        this.proxy = platform.proxy();
        this.targets = platform.targets();
        this.connections = connections;
        this.log = log;
    }

    HttpAnswer send(HttpCall call) throws InterruptedException {
        var sent = call(call);
        try {
            return answer(proxy.send(sent, () -> targets.of(connections.current(call.connection())), watching()));
        } catch (OutboundFailure e) {
            throw hostError(e);
        }
    }

    private static Call call(HttpCall asked) {
        var call = Call.to(asked.method(), asked.endpoint())
                .headers(asked.headers())
                .body(bodyOf(asked))
                .retries(asked.retries())
                .retryOn(asked.retryOn())
                .baseUrlOverride(asked.baseUrlOverride().orElse(""))
                .decompress(asked.decompress())
                .followsLink(asked.followsLink())
                .endsWhenRefusedTwice(true);
        asked.params().ifPresent(call::params);
        asked.retryHeader().map(RetryRules::of).ifPresent(call::retryHeader);
        asked.forwardHeadersOnRedirect().ifPresent(call::forwardHeadersOnRedirect);
        return call.build();
    }

    private static Body bodyOf(HttpCall call) {
        var body = call.body();
        var type = call.headers().getOrDefault("content-type", "");
        return switch (call.bodyKind()) {
            case NONE -> new Body.None();
            case JSON -> new Body.JsonText(body);
            case FORM -> new Body.Form(new String(body, StandardCharsets.UTF_8));
            case TEXT -> new Body.Bytes(type.isEmpty() ? FORM : type, body);
            case MULTIPART, BYTES -> new Body.Bytes(type, body);
        };
    }

    private Observer watching() {
        var lines = new AttemptLog(log, false);
        return attempt -> {
            if (attempt.status().orElse(0) == 401) {
                // The next attempt or call reads the credentials again, because they may have been renewed.
                connections.forget();
            }
            lines.attempted(attempt);
        };
    }

    private static HttpAnswer answer(OutboundAnswer answer) {
        return new HttpAnswer(
                answer.status(), answer.reason(), answer.uri().toString(), answer.headers(), answer.body());
    }

    private static HostError hostError(OutboundFailure failure) {
        return HostError.of(String.valueOf(failure.getMessage()), Optional.of(failure.code()));
    }

    /** {@code uncontrolledFetch}: no credentials, no retries. */
    FetchAnswer fetch(FetchCall call) throws InterruptedException {
        try {
            var uri = Proxy.address(call.url());
            var answer = proxy.fetch(call.method(), uri, call.headers(), call.body());
            return new FetchAnswer(answer(answer), !answer.uri().equals(uri));
        } catch (OutboundFailure e) {
            throw HostError.of(String.valueOf(e.getMessage()), Optional.of(fetchCode(e.code())));
        }
    }

    /** The error codes that functions get for a refused fetch. */
    private static String fetchCode(String code) {
        return switch (code) {
            case "base_url_override_not_allowed" -> "url_not_allowed";
            case "proxy_redirect_to_denied_host" -> "invalid_redirect";
            case "ERR_FR_TOO_MANY_REDIRECTS" -> "too_many_redirects";
            default -> code;
        };
    }
}
