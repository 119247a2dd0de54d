package dev.millrace.server.proxy;

import dev.millrace.server.http.Errors;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Operation;
import dev.millrace.server.log.Status;
import dev.millrace.server.outbound.BodyFailure;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** The HTTP proxy. */
public final class ProxyRoutes {
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "REPORT");
    private static final Set<String> OURS = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");
    private static final int BUFFER = 16 * 1024;

    private final Proxy proxy;
    private final TargetLookup targets;
    private final Logs logs;
    private final Clock clock;

    public ProxyRoutes(Proxy proxy, TargetLookup targets, Logs logs, Clock clock) {
        this.proxy = proxy;
        this.targets = targets;
        this.logs = logs;
        this.clock = clock;
    }

    public List<Route> routes() {
        return METHODS.stream()
                .flatMap(method -> Stream.of("/proxy", "/proxy/{path...}")
                        .map(path -> new Route(method, path, List.of("environment:proxy"), true, this::call)))
                .toList();
    }

    private Response call(Request request) throws InterruptedException {
        var asked = ProxyRequest.of(request);
        try (var log = open(request.environment(), asked)) {
            try {
                proxy.checkBaseUrl(asked.call().baseUrlOverride());
                var target = targets.find(request.environment(), asked.integration(), asked.connection());
                var answer = send(request, asked.call(), target, new AttemptLog(log, true));
                var passed = pass(request, answer);
                end(log, answer.successful(), "The provider answered " + answer.status(), Optional.empty());
                return passed;
            } catch (InterruptedException e) {
                end(log, false, "Broken off: the caller left or the server stops", Optional.of("cancelled"));
                throw e;
            } catch (OutboundFailure failure) {
                end(log, false, String.valueOf(failure.getMessage()), Optional.of(failure.code()));
                return answer(failure, request.method());
            } catch (Failure failure) {
                var error = Errors.body(failure).path("error");
                var code = error.path("code").asString("");
                end(log, false, error.path("message").asString(code), Optional.of(code));
                throw failure;
            }
        }
    }

    private OutboundAnswer send(Request request, Call call, TargetSource target, Observer observer)
            throws InterruptedException {
        try (var _ = request.watchClient()) {
            return proxy.send(call, target, observer);
        }
    }

    private Logs.Log open(long environment, ProxyRequest asked) {
        var operation = new Operation(
                asked.operation().orElseGet(UUID::randomUUID),
                environment,
                "proxy",
                asked.integration(),
                asked.connection(),
                Optional.empty(),
                Optional.empty(),
                clock.instant());
        return asked.operation().isPresent() ? logs.join(operation) : logs.open(operation);
    }

    private static void end(Logs.Log log, boolean well, String message, Optional<String> code) {
        var error = Json.object().put("type", code.orElse("provider_error")).put("message", message);
        log.end(well ? Status.SUCCESS : Status.FAILED, well ? null : message, Json.text(error));
    }

    private static Response answer(OutboundFailure failure, String method) {
        if (failure.kind() == OutboundFailure.Kind.REFUSED) {
            var code = failure.code().equals("proxy_redirect_to_denied_host")
                    ? "base_url_override_not_allowed"
                    : failure.code();
            throw Failure.plain(400, code, String.valueOf(failure.getMessage()));
        }
        var body = Json.object()
                .put("message", failure.getMessage())
                .put("code", failure.code())
                .put("method", method.toLowerCase(Locale.ROOT));
        return Response.json(failure.kind() == OutboundFailure.Kind.TIMEOUT ? 504 : 500, body);
    }

    private static Response pass(Request request, OutboundAnswer answer) throws InterruptedException {
        int status = answer.status();
        if (request.method().equals("HEAD") || status == 204 || status == 304) {
            answer.close();
            var headers = headers(answer);
            headers.remove("content-length");
            return status == 204 ? Response.empty(204) : new Response.Empty(status, headers);
        }
        long length = answer.header("content-length").map(Long::parseLong).orElse(Long.MAX_VALUE);
        var beginning = beginning(request, answer);
        return new Response.Streamed(status, headers(answer), out -> {
            try (var _ = request.watchClient()) {
                copy(answer, beginning, out, length);
            }
        });
    }

    /** While nothing has been sent to the caller, a truncated body can still be reported as an error. */
    private static byte[] beginning(Request request, OutboundAnswer answer) throws InterruptedException {
        boolean events = answer.header("content-type")
                .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("text/event-stream"))
                .isPresent();
        if (events) {
            // A client of server-sent events waits for the headers first.
            return new byte[0];
        }
        var beginning = new byte[BUFFER];
        try (var _ = request.watchClient()) {
            int count = answer.body().read(beginning);
            return Arrays.copyOf(beginning, Math.max(count, 0));
        } catch (IOException e) {
            answer.close();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw e instanceof BodyFailure broken ? broken.failure() : OutboundFailure.network("ECONNRESET", "aborted");
        }
    }

    private static Map<String, List<String>> headers(OutboundAnswer answer) {
        var dropped = new HashSet<>(OURS);
        for (var value : answer.headers().getOrDefault("connection", List.of())) {
            for (var name : value.toLowerCase(Locale.ROOT).split(",", -1)) {
                dropped.add(name.strip());
            }
        }
        var passed = new LinkedHashMap<String, List<String>>();
        answer.headers().forEach((name, values) -> {
            if (!dropped.contains(name) && !name.startsWith("access-control-") && !name.startsWith(":")) {
                passed.put(name, values);
            }
        });
        return passed;
    }

    /**
     * Passes the body on as it arrives. When the caller disconnects, closing the response ends the call to the
     * provider.
     *
     * @param length the number of bytes to come; a complete body needs no flush
     */
    private static void copy(OutboundAnswer answer, byte[] beginning, OutputStream out, long length)
            throws IOException {
        try (var in = answer.body()) {
            out.write(beginning);
            long passed = beginning.length;
            var buffer = new byte[BUFFER];
            for (; ; ) {
                if (passed > 0 && passed < length && in.available() == 0) {
                    out.flush();
                }
                int count = in.read(buffer);
                if (count < 0) {
                    return;
                }
                out.write(buffer, 0, count);
                passed += count;
            }
        }
    }
}
