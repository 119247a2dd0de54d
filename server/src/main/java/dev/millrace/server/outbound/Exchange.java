package dev.millrace.server.outbound;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** One request on one connection, until its response has been read or discarded. */
final class Exchange {
    private final Connections connections;
    private final Deadlines deadlines;
    private final Limits limits;
    private final HttpRoute route;
    private final @Nullable ClientCertificate certificate;
    private final ConnectionEndpoint endpoint;
    private final HttpClientContext context = HttpClientContext.create();
    private final AtomicBoolean over = new AtomicBoolean();
    private final long started = System.nanoTime();
    private volatile long deadline;
    private volatile Phase phase = Phase.CONNECTING;
    private volatile boolean late;

    private enum Phase {
        CONNECTING,
        WAITING,
        READING
    }

    Exchange(
            Connections connections,
            Deadlines deadlines,
            Limits limits,
            HttpRoute route,
            @Nullable ClientCertificate certificate)
            throws InterruptedException {
        this.connections = connections;
        this.deadlines = deadlines;
        this.limits = limits;
        this.route = route;
        this.certificate = route.isSecure() ? certificate : null;
        context.setAttribute(Tls.CERTIFICATE, certificate);
        endpoint = connections.lease(route, this.certificate);
        deadline = started + limits.connect().toNanos();
        deadlines.add(this);
    }

    /** Connects, unless the connection is open already. */
    void connect() throws IOException, HttpException {
        if (endpoint.isConnected()) {
            return;
        }
        connections.connect(endpoint, context);
        if (route.isTunnelled()) {
            tunnel();
            connections.secure(endpoint, context);
        }
    }

    private void tunnel() throws IOException, HttpException {
        var target = route.getTargetHost().toHostString();
        var connect = new BasicClassicHttpRequest("CONNECT", null, null, target);
        connect.addHeader("Host", target);
        connections.proxyAuthorization().ifPresent(value -> connect.addHeader("Proxy-Authorization", value));
        var answer = endpoint.execute(
                "", connect, (message, connection, _) -> Messenger.tunnel(message, connection), context);
        if (answer.getCode() != 200) {
            throw OutboundFailure.network(
                    "ERR_PROXY_CONNECT",
                    "The proxy " + route.getProxyHost().toHostString() + " answered " + answer.getCode()
                            + " when asked for a connection to " + target);
        }
    }

    /** Sends the request and waits for the head of the response. */
    ClassicHttpResponse send(ClassicHttpRequest request, Duration longest) throws IOException, HttpException {
        var wait = longest.compareTo(limits.firstByte()) < 0 ? longest : limits.firstByte();
        phase = Phase.WAITING;
        deadline = System.nanoTime() + Math.min(wait.toNanos(), limits.whole().toNanos());
        endpoint.setSocketTimeout(Timeout.of(wait));
        var answer = endpoint.execute(
                "", request, (message, connection, _) -> Messenger.exchange(message, connection), context);
        phase = Phase.READING;
        deadline = started + limits.whole().toNanos();
        endpoint.setSocketTimeout(Timeout.of(limits.betweenBytes()));
        return answer;
    }

    /** Returns the connection to the pool, to be idle for at most this long. */
    void done(TimeValue rest) {
        if (over.compareAndSet(false, true)) {
            deadlines.remove(this);
            connections.giveBack(endpoint, certificate, rest);
        }
    }

    /** Closes the connection at once. */
    void cancel() {
        if (over.compareAndSet(false, true)) {
            deadlines.remove(this);
            connections.discard(endpoint);
        }
    }

    /** Closes the connection, so that a thread that reads or writes on it fails. */
    void endIfOver(long now) {
        if (now - deadline > 0 && !late) {
            late = true;
            endpoint.close(CloseMode.IMMEDIATE);
        }
    }

    /** Whether the connection was closed because a deadline had passed. */
    boolean late() {
        return late;
    }

    /** The failure in the form that callers expect. */
    OutboundFailure failure(Exception e, Url url) {
        if (e instanceof OutboundFailure known) {
            return known;
        }
        if (late) {
            return switch (phase) {
                case CONNECTING -> NetworkErrors.connectTimeout(url, e);
                case WAITING, READING -> NetworkErrors.timeout(e);
            };
        }
        return NetworkErrors.of(e, url);
    }
}
