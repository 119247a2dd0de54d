package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.ClientCertificate;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Outgoing;
import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sends token calls. Redirects are followed within the same origin only, because such calls contain secrets.
 * Thread-safe.
 */
final class TokenEndpoint {
    private static final String PRODUCT = "millrace";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int LARGEST_ANSWER = 1 << 20;
    private static final int MOST_REDIRECTS = 5;

    private final Outbound outbound;

    TokenEndpoint(Outbound outbound) {
        this.outbound = outbound;
    }

    /**
     * One request.
     *
     * @param headers names in lower case
     */
    record Call(
            String method, Url url, Map<String, String> headers, byte[] body, Optional<ClientCertificate> certificate) {
        static Call post(Url url, TokenBody body, Map<String, String> headers) {
            var all = new LinkedHashMap<>(headers);
            all.putIfAbsent("content-type", body.contentType());
            return new Call("POST", url, all, body.bytes(), Optional.empty());
        }

        static Call get(Url url, Map<String, String> headers) {
            return new Call("GET", url, headers, new byte[0], Optional.empty());
        }

        Call showing(Optional<ClientCertificate> shown) {
            return new Call(method, url, headers, body, shown);
        }

        @Override
        public String toString() {
            return method + ' ' + url.origin() + url.path();
        }
    }

    /** A response with any status. */
    record Answer(int status, Map<String, List<String>> headers, byte[] body) {
        boolean successful() {
            return status >= 200 && status < 300;
        }

        String text() {
            return new String(body, UTF_8);
        }

        String contentType() {
            return headers.getOrDefault("content-type", List.of("")).getFirst();
        }
    }

    /** @throws TokenFailure when there is no response */
    Answer send(Call call) throws InterruptedException {
        var headers = new LinkedHashMap<>(call.headers());
        headers.putIfAbsent("accept", "application/json");
        headers.putIfAbsent("user-agent", PRODUCT);
        var sent = Payload.of(call.body());
        var request = new Outgoing(
                call.method(),
                call.url(),
                headers,
                sent,
                sent,
                Set.copyOf(headers.keySet()),
                call.certificate(),
                TIMEOUT);
        try {
            for (int hop = 0; ; hop++) {
                try (var answer = outbound.send(request)) {
                    var location = location(answer);
                    if (location.isEmpty() || hop == MOST_REDIRECTS) {
                        return new Answer(answer.status(), answer.headers(), read(answer));
                    }
                    request = followed(request, answer.status(), location.get());
                }
            }
        } catch (OutboundFailure e) {
            throw TokenFailure.of(e);
        }
    }

    private static Optional<String> location(OutboundAnswer answer) {
        return answer.status() == 307 || answer.status() == 308 || (answer.status() >= 301 && answer.status() <= 303)
                ? answer.header("location")
                : Optional.empty();
    }

    private static Outgoing followed(Outgoing request, int status, String location) {
        var next = request.uri().resolve(location);
        if (!next.origin().equals(request.uri().origin())) {
            throw TokenFailure.impossible(
                    "invalid_redirect",
                    "The token endpoint leads to another host, " + next.origin()
                            + ", which may not see the credentials: correct the URL in the provider's definition.");
        }
        return request.to(next, status >= 307 ? request.method() : "GET");
    }

    private static byte[] read(OutboundAnswer answer) throws InterruptedException {
        try {
            var body = answer.body().readNBytes(LARGEST_ANSWER + 1);
            if (body.length > LARGEST_ANSWER) {
                throw TokenFailure.unavailable(
                        "answer_too_large",
                        "The token endpoint's response has more than " + LARGEST_ANSWER + " bytes.");
            }
            return body;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw TokenFailure.unavailable(
                    "ECONNRESET", "The token endpoint's response was cut off: " + e.getMessage());
        }
    }
}
