package dev.millrace.server.connect;

import dev.millrace.server.credential.McpCalls;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Authorisations in a popup: the redirect to the provider and the callback. */
public final class OAuthRoutes {
    /** Marks a login that was redirected to the host of the public URL. */
    static final String REDIRECTED = "redirected";

    /** Errors at the beginning of a login that are shown as a page. All others are returned as JSON. */
    private static final Set<String> SHOWN =
            Set.of(AuthError.UNKNOWN_CONFIG, AuthError.PROVIDER_CONFIG, AuthError.UNKNOWN);

    private static final Set<String> INSTALLED = Set.of("install", "update");
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");
    private static final List<String> STATES = List.of("state", "payload", "customField");

    private final FlowFinder finder;
    private final OAuthFlows flows;
    private final PopupSockets sockets;
    private final FailedLogins failures;
    private final Supplier<String> url;

    /** @param url the public address of this server */
    public OAuthRoutes(
            FlowFinder finder, OAuthFlows flows, PopupSockets sockets, FailedLogins failures, Supplier<String> url) {
        this.finder = finder;
        this.flows = flows;
        this.sockets = sockets;
        this.failures = failures;
        this.url = url;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/oauth/connect/{providerConfigKey}", this::start),
                Route.get("/oauth/callback", request -> callback(request, 400)),
                Route.get("/app-auth/connect", request -> callback(request, 404)),
                Route.get(McpLogin.DOCUMENT + "{environment}", this::clientMetadata),
                sockets.route());
    }

    private Response start(Request request) throws InterruptedException {
        var elsewhere = publicAddress(request);
        if (elsewhere.isPresent()) {
            return new Response.Empty(302, Map.of("Location", List.of(elsewhere.get())));
        }
        var query = request.queryTree();
        var socket = query.path("ws_client_id").stringValueOpt().filter(id -> !id.isEmpty());
        var integration = request.variable("providerConfigKey");
        Flow flow;
        try {
            flow = finder.find(request);
        } catch (Failure e) {
            var error = AuthError.of(e);
            socket.ifPresent(id -> sockets.failed(id, integration, "", error));
            if (SHOWN.contains(error.type())) {
                return CallbackPage.failure(error, Json.object());
            }
            throw e;
        }
        var connectionId = flow.connectionId();
        try {
            var begun = flows.begin(flow, connectionId, query, socket);
            return new Response.Empty(
                    302,
                    Map.of(
                            "Location", List.of(begun.location()),
                            "Cache-Control", List.of("no-store"),
                            "Set-Cookie", List.of(begun.cookie())));
        } catch (AuthError e) {
            socket.ifPresent(id -> sockets.failed(id, integration, connectionId, e));
            return CallbackPage.failure(e, Json.object());
        } catch (RuntimeException e) {
            var error = new AuthError(AuthError.UNKNOWN, "The server could not begin the login. Try again.");
            socket.ifPresent(id -> sockets.failed(id, integration, connectionId, error));
            throw e;
        }
    }

    /**
     * Where a login has to begin so that the browser sends its cookie with the callback: at the host of the public URL.
     * Behind a proxy that is not trusted the server cannot see which host the browser uses, so it redirects at most
     * once.
     */
    private Optional<String> publicAddress(Request request) {
        var address = url.get();
        var host = URI.create(address).getHost();
        var used = request.origin().authority().replaceFirst(":\\d+$", "");
        return request.queryTree().has(REDIRECTED) || used.equalsIgnoreCase(host)
                ? Optional.empty()
                : Optional.of(address + request.rawPath() + '?' + request.rawQuery() + '&' + REDIRECTED + "=true");
    }

    /** @param unknown the status for a state that nobody knows */
    private Response callback(Request request, int unknown) throws InterruptedException {
        var query = texts(request);
        var detail = CallbackPage.detail(query);
        var state = STATES.stream()
                .map(query::get)
                .filter(value -> value != null && !value.isEmpty())
                .findFirst();
        if (state.isEmpty()) {
            if (INSTALLED.contains(query.getOrDefault("setup_action", "")) && query.containsKey("installation_id")) {
                return installedElsewhere(request);
            }
            return CallbackPage.failure(new AuthError("state_err", "The address has no state."), detail);
        }
        var found = flows.take(state.get());
        if (found.isEmpty()) {
            return CallbackPage.failure(
                    unknown,
                    new AuthError(
                            "state_err", "This login is unknown, has already been used, or has expired after an hour."),
                    detail);
        }
        var flow = found.get();
        try {
            var made = flows.complete(flow, state.get(), cookies(request), query);
            var connectionId = made.connection().connectionId();
            flow.webSocket().ifPresent(id -> sockets.succeeded(id, flow.integration(), connectionId, made.pending()));
            return CallbackPage.success(made.pending());
        } catch (AuthError e) {
            return failed(flow, e, detail);
        } catch (Failure e) {
            return failed(flow, AuthError.of(e), detail);
        } catch (RuntimeException e) {
            var error = new AuthError(AuthError.UNKNOWN, "The server could not create the connection. Try again.");
            flow.webSocket().ifPresent(id -> sockets.failed(id, flow.integration(), flow.connectionId(), error));
            throw e;
        }
    }

    /** Somebody installed or changed an app on the provider's own pages: nothing waits for it here. */
    private Response installedElsewhere(Request request) {
        var origin = URI.create(url.get()).resolve("/").toString();
        return request.header("Referer")
                .filter(from -> from.startsWith("https://") && !from.startsWith(origin))
                .<Response>map(from -> new Response.Empty(302, Map.of("Location", List.of(from))))
                .orElseGet(() -> CallbackPage.success(false));
    }

    /** Who this server is to authorization servers that take the address of this document as client id. */
    private Response clientMetadata(Request request) {
        var environment = request.variable("environment");
        if (!NUMBER.matcher(environment).matches() || !flows.knows(Long.parseLong(environment))) {
            throw Failure.plain(404, "not_found", "There is no such document.");
        }
        var document = McpCalls.client(flows.callback(Long.parseLong(environment)))
                .put("client_id", url.get() + McpLogin.DOCUMENT + environment)
                .put("client_uri", url.get());
        return Response.ok(document);
    }

    private Response failed(AuthFlow flow, AuthError error, ObjectNode detail) {
        failures.report(flow, error);
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
