package dev.millrace.server.connect;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.WebSocket;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The WebSockets of pages that wait for the outcome of an authorisation in a popup. A page receives its id when it
 * opens the socket, and later the outcome, once. Thread-safe.
 */
public final class PopupSockets {
    /** The topic of the messages that tell other servers an outcome. */
    public static final String TOPIC = "popup";

    private static final int MOST = 10_000;
    /** Messages between servers must be short. */
    private static final int LONGEST = 1_000;

    private static final int TRY_AGAIN = 1013;

    private final Map<String, WebSocket> open = new ConcurrentHashMap<>();
    private final Map<WebSocket, String> ids = new ConcurrentHashMap<>();
    private final Relay relay;

    /** Sends messages for sockets of other servers. */
    @FunctionalInterface
    public interface Relay {
        void tell(String socket, String message);
    }

    public PopupSockets(Relay relay) {
        this.relay = relay;
    }

    public Route route() {
        return Route.get("/", this::open);
    }

    private Response open(Request request) {
        if (request.header("Upgrade").isEmpty()) {
            throw Failure.plain(404, "not_found", "No endpoint answers GET /.");
        }
        return new Response.Upgraded(new Waiting());
    }

    private final class Waiting implements WebSocket.Listener {
        @Override
        public void opened(WebSocket socket) {
            if (open.size() >= MOST) {
                socket.close(TRY_AGAIN, "Too many logins are in progress");
                return;
            }
            var id = UUID.randomUUID().toString();
            open.put(id, socket);
            ids.put(socket, id);
            socket.send(Json.text(
                    Json.object().put("message_type", "connection_ack").put("ws_client_id", id)));
        }

        @Override
        public void text(WebSocket socket, String message) {
            // Messages of clients are ignored.
        }

        @Override
        public void closed(WebSocket socket, int code) {
            var id = ids.remove(socket);
            if (id != null) {
                open.remove(id);
            }
        }
    }

    void succeeded(String socket, String integration, String connection, boolean pending) {
        tell(
                socket,
                Json.object()
                        .put("message_type", "success")
                        .put("provider_config_key", integration)
                        .put("connection_id", connection)
                        .put("is_pending", pending));
    }

    void failed(String socket, String integration, String connection, AuthError error) {
        tell(
                socket,
                Json.object()
                        .put("message_type", "error")
                        .put("provider_config_key", integration)
                        .put("connection_id", connection)
                        .put("error_type", error.type())
                        .put("error_desc", cut(String.valueOf(error.getMessage()))));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    private void tell(String socket, ObjectNode message) {
        var text = Json.text(message);
        if (!deliver(socket, text)) {
            relay.tell(socket, text);
        }
    }

    /** A message from another server: the id of a socket, a space, the outcome. */
    public void heard(String told) {
        int space = told.indexOf(' ');
        if (space > 0 && open.containsKey(told.substring(0, space))) {
            Thread.ofVirtual().name("popup").start(() -> deliver(told.substring(0, space), told.substring(space + 1)));
        }
    }

    /** Sends a message to a socket of this server and forgets its id; false when the socket is not here. */
    private boolean deliver(String socket, String message) {
        var waiting = open.remove(socket);
        if (waiting == null) {
            return false;
        }
        ids.remove(waiting);
        try {
            waiting.send(message);
        } catch (UncheckedIOException _) {
            // The page was closed.
            return true;
        }
        return true;
    }
}
