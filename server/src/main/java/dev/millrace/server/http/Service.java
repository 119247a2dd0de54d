package dev.millrace.server.http;

import dev.millrace.server.db.Outage;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes each request on its virtual thread, within the limits, and writes its response. Thread-safe. */
final class Service extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);

    private final HttpConfig config;
    private final Site site;
    private final MemoryBudget budget;
    private final Semaphore requests;
    private final Set<Busy> busy = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    Service(HttpConfig config, Site site) {
        this.config = config;
        this.site = site;
        this.budget = new MemoryBudget(config.limits().bodyMemory());
        this.requests = new Semaphore(config.limits().requests());
    }

    @Override
    public boolean handle(Request request, org.eclipse.jetty.server.Response response, Callback done) {
        // A long-running handler must not count as an idle client.
        request.addIdleTimeoutListener(_ -> false);
        var exchange = new Exchange(request, config, budget);
        site.prepare(response.getHeaders());
        if (stopping || exchange.crowded() || !requests.tryAcquire()) {
            turnAway(exchange, response, done);
            return true;
        }
        var me = new Busy(Thread.currentThread());
        busy.add(me);
        try {
            serve(exchange, response, done);
        } finally {
            me.leave();
            busy.remove(me);
            requests.release();
        }
        return true;
    }

    /**
     * The thread of a request. It is interrupted only while it serves the request. Afterwards Jetty may use it as a
     * selector; an interrupt would end the selector, and the stop of the server would wait for it for ever.
     */
    private static final class Busy {
        private final Thread thread;
        private final ReentrantLock lock = new ReentrantLock();
        private boolean left;

        Busy(Thread thread) {
            this.thread = thread;
        }

        void interrupt() {
            lock.lock();
            try {
                if (!left) {
                    thread.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        /** On its own thread. */
        void leave() {
            lock.lock();
            try {
                left = true;
            } finally {
                lock.unlock();
            }
            Thread.interrupted();
        }
    }

    private void turnAway(Exchange exchange, org.eclipse.jetty.server.Response response, Callback done) {
        if (!stopping && site.vital(exchange)) {
            serve(exchange, response, done);
            return;
        }
        var failure = stopping ? stopping() : Failure.overloaded("The server is overloaded at the moment.");
        response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
        try {
            new Responder(exchange.request(), response).send(Errors.answer(failure));
            done.succeeded();
        } catch (RuntimeException e) {
            done.failed(e);
        }
    }

    private static Failure stopping() {
        return Failure.plain(503, "server_error", "The server is shutting down.");
    }

    /** The client has disconnected. */
    private static final class ClientLeft extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        ClientLeft() {
            super("The client has left");
        }
    }

    private void serve(Exchange exchange, org.eclipse.jetty.server.Response response, Callback done) {
        try {
            if (respond(exchange, response, done)) {
                exchange.drain();
                done.succeeded();
            }
        } catch (BrokenRequest e) {
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
            done.failed(e.told());
        } catch (ClientLeft e) {
            exchange.cut(e);
            done.failed(e);
        } catch (RuntimeException e) {
            LOG.debug("{} {} broke off", exchange.method(), exchange.path(), e);
            exchange.cut(e);
            done.failed(e);
        } finally {
            exchange.release();
        }
    }

    /** False when the connection has switched to another protocol. */
    private boolean respond(Exchange exchange, org.eclipse.jetty.server.Response response, Callback done)
            throws ClientLeft {
        var responder = new Responder(exchange.request(), response);
        try {
            var answer = site.answer(exchange);
            if (answer instanceof Response.Upgraded upgraded) {
                upgrade(exchange, response, done, upgraded.listener());
                return false;
            }
            responder.send(answer);
        } catch (BrokenRequest e) {
            throw e;
        } catch (Failure failure) {
            if (response.isCommitted()) {
                throw failure;
            }
            responder.send(Errors.answer(failure));
        } catch (InterruptedException _) {
            if (exchange.clientLeft()) {
                throw new ClientLeft();
            }
            responder.send(Errors.answer(stopping()));
        } catch (RuntimeException e) {
            if (responder.broken(e)) {
                throw e;
            }
            var outage = Outage.behind(e);
            if (outage.isPresent()) {
                LOG.warn("{} {} failed: {}", exchange.method(), exchange.path(), e.getMessage());
                var failure =
                        Failure.unavailable(outage.get().code(), outage.get().message());
                responder.send(Errors.answer(failure));
            } else {
                unexpected(exchange, responder, e);
            }
        }
        return true;
    }

    private void upgrade(
            Exchange exchange, org.eclipse.jetty.server.Response response, Callback done, WebSocket.Listener listener) {
        var container = ServerWebSocketContainer.ensure(getServer());
        var bridge = new WebSocket.Bridge(listener);
        if (!container.upgrade((_, _, _) -> bridge, exchange.request(), response, done)) {
            throw Failure.plain(426, "upgrade_required", "This endpoint speaks WebSocket only.");
        }
    }

    private static void unexpected(Exchange exchange, Responder responder, RuntimeException e) {
        var id = UUID.randomUUID().toString();
        LOG.error("{} {} failed; id {}", exchange.method(), exchange.path(), id, e);
        var body = Json.object();
        body.putObject("error")
                .put("message", "An unexpected error occurred. Its id in the server's log is " + id + ".")
                .put("code", "generic_error_support")
                .put("payload", id);
        responder.send(new Response.Whole(500, Map.of(), Json.bytes(body)));
    }

    void refuse() {
        stopping = true;
    }

    /** Waits until no request is in progress; false on timeout. */
    boolean awaitIdle(Duration longest) throws InterruptedException {
        int all = config.limits().requests();
        if (!requests.tryAcquire(all, longest.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        requests.release(all);
        return true;
    }

    /** Interrupts all requests in progress. */
    void interrupt() {
        busy.forEach(Busy::interrupt);
    }
}
