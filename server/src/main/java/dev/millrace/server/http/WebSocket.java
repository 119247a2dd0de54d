package dev.millrace.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's WebSocket: text messages in both directions. Thread-safe. */
public final class WebSocket {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocket.class);

    private final Session session;

    private WebSocket(Session session) {
        this.session = session;
    }

    /** Callbacks of a socket; one call at a time, each on a virtual thread. */
    public interface Listener {
        /** The client has connected. */
        void opened(WebSocket socket);

        void text(WebSocket socket, String message);

        /** The client has disconnected, or the socket was closed. */
        default void closed(WebSocket socket, int code) {}
    }

    /** Sends a message and returns when it has been written; throws when the client has disconnected. */
    public void send(String message) {
        completed(callback -> session.sendText(message, callback));
    }

    /** Sends a close frame (RFC 6455 section 7.4). */
    public void close(int code, String reason) {
        completed(callback -> session.close(code, reason, callback));
    }

    private interface Sending {
        void with(Callback callback);
    }

    private static void completed(Sending sending) {
        var outcome = new Outcome();
        sending.with(outcome);
        try {
            outcome.task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while a message is sent", e);
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException("The client has disconnected", e.getCause()));
        }
    }

    private static final class Outcome implements Callback {
        private volatile @Nullable Throwable failure;
        private final FutureTask<Void> task = new FutureTask<>(() -> {
            var cause = failure;
            if (cause != null) {
                throw new IOException(cause);
            }
            return null;
        });

        @Override
        public void succeed() {
            task.run();
        }

        @Override
        public void fail(Throwable cause) {
            failure = cause;
            task.run();
        }
    }

    /** Forwards Jetty's callbacks to a listener. Public because Jetty finds its methods by reflection. */
    public static final class Bridge implements Session.Listener.AutoDemanding {
        private final Listener listener;
        private @Nullable WebSocket socket;

        Bridge(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void onWebSocketOpen(Session session) {
            var opened = new WebSocket(session);
            socket = opened;
            // A socket may be silent; proxies close those that are silent for too long.
            session.addIdleTimeoutListener(_ -> {
                session.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
                return false;
            });
            listener.opened(opened);
        }

        @Override
        public void onWebSocketText(String message) {
            var opened = socket;
            if (opened != null) {
                listener.text(opened, message);
            }
        }

        @Override
        public void onWebSocketError(Throwable cause) {
            LOG.debug("a WebSocket failed", cause);
        }

        @Override
        public void onWebSocketClose(int code, @Nullable String reason, Callback done) {
            var opened = socket;
            if (opened != null) {
                listener.closed(opened, code);
            }
            done.succeed();
        }
    }
}
