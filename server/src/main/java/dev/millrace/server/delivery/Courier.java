package dev.millrace.server.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Outgoing;
import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Makes one attempt to deliver: signs the body, sends it, follows redirects. Thread-safe. */
final class Courier {
    private static final int MOST_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 307, 308);
    private static final Set<Integer> BUSY = Set.of(408, 429);
    private static final int SERVER_ERROR = 500;

    private final Outbound outbound;
    private final ActiveKeys keys;
    private final Duration timeout;
    private final String product;
    private final Clock clock;

    /** @param product the value of the header {@code user-agent} */
    Courier(Outbound outbound, ActiveKeys keys, Duration timeout, String product, Clock clock) {
        this.outbound = outbound;
        this.keys = keys;
        this.timeout = timeout;
        this.product = product;
        this.clock = clock;
    }

    /** How an attempt ended. */
    enum Kind {
        DELIVERED,
        /** Another attempt may succeed. */
        RETRY,
        /** The receiver does not take it, or there is none. */
        REFUSED,
        /** The address may not be called. */
        SKIPPED
    }

    /** @param reached whether the receiver answered that it got the request, or anything that is no failure of its own */
    record Attempt(Kind kind, OptionalInt status, String message, boolean reached) {}

    Attempt attempt(Due due, String address) throws InterruptedException {
        Outgoing request;
        try {
            request = request(due, Url.parse(address));
            outbound.check(request.uri());
        } catch (OutboundFailure e) {
            return new Attempt(Kind.SKIPPED, OptionalInt.empty(), String.valueOf(e.getMessage()), false);
        }
        return send(request);
    }

    private Outgoing request(Due due, Url url) {
        var body = due.body().getBytes(UTF_8);
        var headers = new LinkedHashMap<String, String>();
        headers.put("accept", "application/json, text/plain, */*");
        due.headers()
                .ifPresent(text -> Json.parseObject(text)
                        .properties()
                        .forEach(header ->
                                headers.put(header.getKey(), header.getValue().asString())));
        headers.put("content-type", "application/json");
        headers.put("user-agent", product);
        headers.put("x-millrace-delivery-id", due.event().toString());
        headers.putAll(Signatures.of(
                keys.of(due.environment()),
                due.event().toString(),
                clock.instant().getEpochSecond(),
                body));
        var payload = Payload.of(body);
        return new Outgoing("POST", url, headers, payload, payload, Set.of(), Optional.empty(), timeout);
    }

    private Attempt send(Outgoing first) throws InterruptedException {
        var request = first;
        for (int redirects = 0; ; redirects++) {
            int status;
            Optional<String> location;
            try (var answer = outbound.send(request)) {
                status = answer.status();
                location = location(answer);
            } catch (OutboundFailure e) {
                return failed(e, redirects > 0);
            }
            if (location.isEmpty() || redirects == MOST_REDIRECTS) {
                return answered(status);
            }
            try {
                // With its body, whatever the status: an answer to a GET would say nothing about the event.
                request = request.to(request.uri().resolve(location.get()), request.method());
            } catch (OutboundFailure e) {
                return failed(e, true);
            }
        }
    }

    private static Optional<String> location(OutboundAnswer answer) {
        return REDIRECTS.contains(answer.status()) ? answer.header("location") : Optional.empty();
    }

    private static Attempt answered(int status) {
        var known = OptionalInt.of(status);
        if (status >= 200 && status < 300) {
            return new Attempt(Kind.DELIVERED, known, "Delivered: the receiver answered " + status, true);
        }
        boolean again = status >= SERVER_ERROR || BUSY.contains(status);
        return new Attempt(again ? Kind.RETRY : Kind.REFUSED, known, "The receiver answered " + status, !again);
    }

    private Attempt failed(OutboundFailure failure, boolean redirected) {
        var message = String.valueOf(failure.getMessage());
        if (failure.kind() == OutboundFailure.Kind.REFUSED) {
            return redirected
                    ? new Attempt(Kind.REFUSED, OptionalInt.empty(), "Redirected: " + message, true)
                    : new Attempt(Kind.SKIPPED, OptionalInt.empty(), message, false);
        }
        var kind = outbound.retryable(failure) ? Kind.RETRY : Kind.REFUSED;
        return new Attempt(kind, OptionalInt.empty(), failure.code() + ": " + message, false);
    }

    /** The keys that sign at the moment, the current one first. */
    interface ActiveKeys {
        List<String> of(long environment);
    }
}
