package dev.millrace.server.http;

import java.util.List;

/**
 * One endpoint: method, path pattern ({@code /connections/{id}}; a last segment {@code {rest...}} takes all that
 * follows), who may call it, and the code behind it.
 *
 * @param scopes any of these suffices; empty means that no credential is asked for
 * @param anyContentType whether bodies of any Content-Type are accepted, not JSON only
 * @param vital whether it is answered although there is no room for further requests
 */
public record Route(
        String method, String pattern, List<String> scopes, boolean anyContentType, boolean vital, Handler handler) {
    public Route {
        scopes = List.copyOf(scopes);
    }

    public Route(String method, String pattern, List<String> scopes, boolean anyContentType, Handler handler) {
        this(method, pattern, scopes, anyContentType, false, handler);
    }

    /** The method of routes that answer any. */
    private static final String ANY_METHOD = "*";

    /** The scope of routes that any API key may call. */
    static final String ANY_KEY = "*";

    /** In the place of a scope: who connects by a connect session may call it. */
    public static final String CONNECT_SESSION = "connect session";

    /** The code behind a route. */
    public interface Handler {
        Response handle(Request request) throws InterruptedException;
    }

    /** Answers whatever method no other route of the same pattern takes. */
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

    /** Any API key may call it, whatever its scopes. */
    public Route withAnyKey() {
        return new Route(method, pattern, List.of(ANY_KEY), anyContentType, vital, handler);
    }

    /** Any API key may call it, and who connects by a connect session. */
    public Route withAnyKeyOrSession() {
        return new Route(method, pattern, List.of(ANY_KEY, CONNECT_SESSION), anyContentType, vital, handler);
    }

    boolean takes(String scope) {
        return scopes.contains(scope);
    }

    /** Answers although there is no room for further requests. */
    public Route whateverTheLoad() {
        return new Route(method, pattern, scopes, anyContentType, true, handler);
    }
}
