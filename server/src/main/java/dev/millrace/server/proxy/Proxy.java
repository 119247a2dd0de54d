package dev.millrace.server.proxy;

import dev.millrace.server.credential.Credentials;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Outgoing;
import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Calls providers: adds credentials, retries, and passes the response on without parsing it. Thread-safe. */
public final class Proxy {
    private final Outbound outbound;
    private final Redirects redirects;
    private final Retries retries;
    private final InstantSource clock;
    private final Pause pause;

    /** Waits between attempts. */
    @FunctionalInterface
    public interface Pause {
        void of(Duration duration) throws InterruptedException;
    }

    public Proxy(Outbound outbound, InstantSource clock, RandomGenerator random) {
        this(outbound, clock, random, Thread::sleep);
    }

    Proxy(Outbound outbound, InstantSource clock, RandomGenerator random, Pause pause) {
        this.outbound = outbound;
        this.redirects = new Redirects(outbound);
        this.retries = new Retries(clock, random, outbound::retryable);
        this.clock = clock;
        this.pause = pause;
    }

    /** Refuses a base URL that may not be called, as far as that is known without a DNS query. */
    public void checkBaseUrl(String url) {
        if (!url.isEmpty() && !url.contains("${")) {
            outbound.check(Url.parse(url));
        }
    }

    /**
     * Sends a call and returns the response of its last attempt, with any status.
     *
     * @param target queried before each attempt, so that renewed credentials are used
     * @throws OutboundFailure when there is no response
     */
    public OutboundAnswer send(Call call, TargetSource target, Observer observer) throws InterruptedException {
        Optional<Credentials> refused = Optional.empty();
        for (int attempt = 0; ; attempt++) {
            var current = target.current();
            var request = RequestBuilder.build(call, current, clock);
            var line = new Line(call, current, request, attempt, System.nanoTime(), observer);
            Optional<Duration> next;
            try {
                var verdict = attempt(call, current, request, attempt);
                boolean inVain = call.endsWhenRefusedTwice()
                        && verdict.answer().status() == 401
                        && refused.filter(current.credentials()::equals).isPresent();
                next = inVain ? Optional.empty() : verdict.next();
                if (verdict.answer().status() == 401) {
                    refused = Optional.of(current.credentials());
                }
                var beginning = observer.wantsErrors() ? ErrorText.beginning(verdict.answer()) : new byte[0];
                var answer = beginning.length == 0
                        ? verdict.answer()
                        : verdict.answer().after(beginning);
                line.tell(Optional.of(answer), beginning, Optional.empty(), next);
                if (next.isEmpty()) {
                    return answer;
                }
                answer.close();
            } catch (OutboundFailure e) {
                // A host may contain a credential if the definition's base URL names one.
                var failure = e.saying(current.confidential().blank(String.valueOf(e.getMessage())));
                next = retries.afterFailure(call, attempt, failure);
                line.tell(Optional.empty(), new byte[0], Optional.of(String.valueOf(failure.getMessage())), next);
                if (next.isEmpty()) {
                    throw failure;
                }
            }
            pause.of(next.get());
        }
    }

    private Retries.Verdict attempt(Call call, Target target, Outgoing request, int attempt)
            throws InterruptedException {
        var rules = target.provider().proxy();
        boolean forward = call.forwardHeadersOnRedirect().orElse(rules.forwardHeadersOnRedirect());
        return retries.afterAnswer(call, rules.retry(), attempt, redirects.send(request, forward, Optional.of(target)));
    }

    /** The caller's URL in the form in which it can be sent; throws an {@link OutboundFailure} when it is invalid. */
    public static Url address(String written) {
        return Url.parse(written);
    }

    /** Sends a request to any allowed URL, without credentials and without retries. */
    public OutboundAnswer fetch(String method, Url uri, Map<String, String> headers, byte[] body)
            throws InterruptedException {
        outbound.check(uri);
        var lower = new LinkedHashMap<String, String>();
        headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        var sent = Payload.of(body);
        var request = new Outgoing(method, uri, lower, sent, sent, Set.of(), Optional.empty(), Call.TIMEOUT);
        return redirects.send(request, false, Optional.empty());
    }

    private record Line(Call call, Target target, Outgoing request, int attempt, long started, Observer observer) {
        void tell(Optional<OutboundAnswer> answer, byte[] beginning, Optional<String> error, Optional<Duration> next) {
            if (!observer.equals(Observer.NONE)) {
                var shown = new Redaction(target);
                observer.attempted(new Observer.Attempt(
                        attempt,
                        call.retries(),
                        call.method(),
                        shown.url(request.uri()),
                        shown.headers(request.headers()),
                        answer.map(a -> OptionalInt.of(a.status())).orElse(OptionalInt.empty()),
                        answer.map(a -> shown.answerHeaders(a.headers())).orElse(Map.of()),
                        ErrorText.shown(beginning, shown),
                        error,
                        Duration.ofNanos(System.nanoTime() - started),
                        next));
            }
        }
    }
}
