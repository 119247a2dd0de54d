package dev.millrace.server.connect;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Authorisations in a popup: to the provider and back. */
public final class OAuthRoutes {
    private static final List<String> STATES = List.of("state", "payload", "customField");

    private final FlowFinder finder;
    private final OAuthFlows flows;
    private final PopupSockets sockets;

    public OAuthRoutes(FlowFinder finder, OAuthFlows flows, PopupSockets sockets) {
        this.finder = finder;
        this.flows = flows;
        this.sockets = sockets;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/oauth/connect/{providerConfigKey}", this::start),
                Route.get("/oauth/callback", this::callback),
                sockets.route());
    }

    private Response start(Request request) {
        var flow = finder.find(request);
        var query = request.queryTree();
        var socket = query.path("ws_client_id").stringValueOpt().filter(id -> !id.isEmpty());
        var connectionId = flow.connectionId();
        try {
            var begun = flows.begin(flow, connectionId, query, socket);
            var headers = new LinkedHashMap<String, List<String>>();
            headers.put("Location", List.of(begun.location()));
            headers.put("Cache-Control", List.of("no-store"));
            begun.cookie().ifPresent(cookie -> headers.put("Set-Cookie", List.of(cookie)));
            return new Response.Empty(302, headers);
        } catch (AuthError e) {
            socket.ifPresent(id -> sockets.failed(id, flow.integration().uniqueKey(), connectionId, e));
            return CallbackPage.failure(e, Json.object());
        }
    }

    private Response callback(Request request) throws InterruptedException {
        var query = texts(request);
        var detail = CallbackPage.detail(query);
        var state = STATES.stream()
                .map(query::get)
                .filter(value -> value != null && !value.isEmpty())
                .findFirst();
        if (state.isEmpty()) {
            return CallbackPage.failure(new AuthError("state_err", "The address has no state."), detail);
        }
        var found = flows.take(state.get());
        if (found.isEmpty()) {
            return CallbackPage.failure(
                    new AuthError(
                            "state_err", "This login is unknown, has been used already, or took longer than an hour."),
                    detail);
        }
        var flow = found.get();
        try {
            var stored = flows.complete(flow, state.get(), cookies(request), query);
            flow.webSocket().ifPresent(id -> sockets.succeeded(id, flow.integration(), stored.connectionId(), false));
            return CallbackPage.success(false);
        } catch (AuthError e) {
            return failed(flow, e, detail);
        } catch (Failure.Plain e) {
            return failed(flow, new AuthError(e.code(), String.valueOf(e.getMessage())), detail);
        }
    }

    private Response failed(AuthFlow flow, AuthError error, ObjectNode detail) {
        flow.webSocket().ifPresent(id -> sockets.failed(id, flow.integration(), flow.connectionId(), error));
        return CallbackPage.failure(error, detail);
    }

    private static Map<String, String> texts(Request request) {
        var texts = new LinkedHashMap<String, String>();
        request.queryTree()
                .properties()
                .forEach(p -> p.getValue().stringValueOpt().ifPresent(text -> texts.put(p.getKey(), text)));
        return texts;
    }

    private static List<String> cookies(Request request) {
        return Optional.ofNullable(request.headers().get("cookie")).orElse(List.of()).stream()
                .flatMap(header -> Arrays.stream(header.split(";", -1)))
                .map(String::strip)
                .toList();
    }
}
