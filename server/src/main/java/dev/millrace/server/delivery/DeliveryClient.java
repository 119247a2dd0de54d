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

/** Makes one delivery attempt: signs the body, sends it and follows redirects. Thread-safe. */
final class DeliveryClient {
    private static final int MAX_REDIRECTS = 5;
    private static final Set<Integer> REDIRECT_STATUSES = Set.of(301, 302, 307, 308);
    private static final Set<Integer> RETRYABLE_CLIENT_ERRORS = Set.of(408, 429);
    private static final int SERVER_ERROR = 500;

    private final Outbound outbound;
    private final ActiveKeys keys;
    private final Duration timeout;
    private final String product;
    private final Clock clock;

    /**
     * @param timeout the longest time to wait for the response headers
     * @param product the value of the header {@code user-agent}
     */
    DeliveryClient(Outbound outbound, ActiveKeys keys, Duration timeout, String product, Clock clock) {
        this.outbound = outbound;
        this.keys = keys;
        this.timeout = timeout;
        this.product = product;
        this.clock = clock;
    }

    /** The outcome of an attempt. */
    enum Outcome {
        DELIVERED,
        /** Another attempt may succeed. */
        RETRY,
        /** The receiver rejected the request or does not exist; another attempt would fail as well. */
        REFUSED,
        /** The outbound policy forbids the address; no request was sent. */
        SKIPPED
    }

    /**
     * The result of one attempt.
     *
     * @param status the HTTP status of the last response, if there was one
     * @param message describes the outcome to users
     * @param receiverHealthy whether the receiver sent a response that does not indicate a failure of the receiver
     *     itself
     */
    record Attempt(Outcome outcome, OptionalInt status, String message, boolean receiverHealthy) {}

    /** Sends a delivery once. Blocks until the response headers arrive or the attempt has failed. */
    Attempt attempt(DueDelivery due, String address) throws InterruptedException {
        Outgoing request;
        try {
            request = request(due, Url.parse(address));
            outbound.check(request.uri());
        } catch (OutboundFailure e) {
            return new Attempt(Outcome.SKIPPED, OptionalInt.empty(), String.valueOf(e.getMessage()), false);
        }
        return send(request);
    }

    private Outgoing request(DueDelivery due, Url url) {
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
            if (location.isEmpty() || redirects == MAX_REDIRECTS) {
                return responded(status);
            }
            try {
                // Always repeat the POST with its body. A response to a GET would not confirm the delivery.
                request = request.to(request.uri().resolve(location.get()), request.method());
            } catch (OutboundFailure e) {
                return failed(e, true);
            }
        }
    }

    private static Optional<String> location(OutboundAnswer answer) {
        return REDIRECT_STATUSES.contains(answer.status()) ? answer.header("location") : Optional.empty();
    }

    private static Attempt responded(int status) {
        var known = OptionalInt.of(status);
        if (status >= 200 && status < 300) {
            return new Attempt(
                    Outcome.DELIVERED, known, "Delivered: the receiver responded with status " + status, true);
        }
        boolean retry = status >= SERVER_ERROR || RETRYABLE_CLIENT_ERRORS.contains(status);
        var outcome = retry ? Outcome.RETRY : Outcome.REFUSED;
        return new Attempt(outcome, known, "The receiver responded with status " + status, !retry);
    }

    private Attempt failed(OutboundFailure failure, boolean redirected) {
        var message = String.valueOf(failure.getMessage());
        if (failure.kind() == OutboundFailure.Kind.REFUSED) {
            return redirected
                    ? new Attempt(Outcome.REFUSED, OptionalInt.empty(), "Redirected: " + message, true)
                    : new Attempt(Outcome.SKIPPED, OptionalInt.empty(), message, false);
        }
        var outcome = outbound.retryable(failure) ? Outcome.RETRY : Outcome.REFUSED;
        return new Attempt(outcome, OptionalInt.empty(), failure.code() + ": " + message, false);
    }

    /** The active signing keys of an environment, the current one first. */
    interface ActiveKeys {
        List<String> of(long environment);
    }
}
