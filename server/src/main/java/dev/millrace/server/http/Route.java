package dev.millrace.server.http;

import java.util.List;

/**
 * One endpoint: method, path pattern, the scopes it requires, and its code. In a pattern such as {@code
 * /connections/{id}}, a last segment {@code {rest...}} matches everything that follows.
 *
 * @param scopes one of these suffices; empty: no authentication
 * @param anyContentType whether bodies of any Content-Type are accepted, not only JSON
 * @param vital whether requests are served even when the server is overloaded
 */
public record Route(
        String method, String pattern, List<String> scopes, boolean anyContentType, boolean vital, Handler handler) {
    public Route {
        scopes = List.copyOf(scopes);
    }

    public Route(String method, String pattern, List<String> scopes, boolean anyContentType, Handler handler) {
        this(method, pattern, scopes, anyContentType, false, handler);
    }

    /** Stands for all methods. */
    private static final String ANY_METHOD = "*";

    /** The scope of routes that accept any API key. */
    static final String ANY_KEY = "*";

    /** A scope that connect sessions have. */
    public static final String CONNECT_SESSION = "connect session";

    /** The code behind a route. */
    public interface Handler {
        Response handle(Request request) throws InterruptedException;
    }

    /** Accepts all methods for which no other route of the same pattern exists. */
    public static Route any(String pattern, Handler handler) {
        return new Route(ANY_METHOD, pattern, List.of(), true, handler);
    }

    public static Route get(String pattern, Handler handler, String... scopes) {
        return new Route("GET", pattern, List.of(scopes), false, handler);
    }

    public static Route post(String pattern, Handler handler, String... scopes) {
        return new Route("POST", pattern, List.of(scopes), false, handler);
    }

    public static Route put(String pattern, Handler handler, String... scopes) {
        return new Route("PUT", pattern, List.of(scopes), false, handler);
    }

    public static Route patch(String pattern, Handler handler, String... scopes) {
        return new Route("PATCH", pattern, List.of(scopes), false, handler);
    }

    public static Route delete(String pattern, Handler handler, String... scopes) {
        return new Route("DELETE", pattern, List.of(scopes), false, handler);
    }

    /** Accepts any API key, whatever its scopes. */
    public Route withAnyKey() {
        return new Route(method, pattern, List.of(ANY_KEY), anyContentType, vital, handler);
    }

    /** Accepts any API key and connect sessions. */
    public Route withAnyKeyOrSession() {
        return new Route(method, pattern, List.of(ANY_KEY, CONNECT_SESSION), anyContentType, vital, handler);
    }

    boolean takes(String scope) {
        return scopes.contains(scope);
    }

    /** Serves requests even when the server is overloaded. */
    public Route whateverTheLoad() {
        return new Route(method, pattern, scopes, anyContentType, true, handler);
    }
}
