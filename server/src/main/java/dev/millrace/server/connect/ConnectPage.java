package dev.millrace.server.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The Connect page: static files that need no authentication. The session token comes in the URL or in a message from
 * the surrounding page. It determines what the page shows.
 */
public final class ConnectPage {
    private static final List<String> FILES = List.of(
            "api.js",
            "connect.css",
            "connect.js",
            "dom.js",
            "fields.js",
            "form.js",
            "list.js",
            "login.js",
            "millrace.css",
            "page.js",
            "texts.js",
            "theme.js",
            "view.js");

    private final Supplier<String> url;
    private final String page = new String(file("index.html"), UTF_8);

    /** @param url the public address of this server */
    public ConnectPage(Supplier<String> url) {
        this.url = url;
    }

    public List<Route> routes() {
        var files = FILES.stream().map(name -> {
            var body = file(name);
            var headers = headers(name.endsWith(".js") ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8");
            headers.put("Cache-Control", List.of("public, max-age=300"));
            return Route.get("/connect/" + name, _ -> new Response.Bytes(200, headers, body));
        });
        return Stream.concat(Stream.of(Route.get("/connect", this::index)), files)
                .toList();
    }

    private static byte[] file(String name) {
        try (var in = ConnectPage.class.getResourceAsStream("/connect/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the file connect/" + name + " is missing in this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, List<String>> headers(String type) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Content-Type", List.of(type));
        headers.put("X-Content-Type-Options", List.of("nosniff"));
        return headers;
    }

    /**
     * Any site may embed the page in a frame: its permissions come from the session token, which only an application
     * can provide.
     */
    private Response index(Request request) {
        if (!request.rawPath().endsWith("/")) {
            var query = request.rawQuery().isEmpty() ? "" : '?' + request.rawQuery();
            return new Response.Empty(302, Map.of("Location", List.of(url.get() + "/connect/" + query)));
        }
        var origin = origin(url.get());
        var headers = headers("text/html; charset=utf-8");
        headers.put("Cache-Control", List.of("no-store"));
        headers.put("Referrer-Policy", List.of("strict-origin"));
        headers.put(
                "Content-Security-Policy",
                List.of("default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self' "
                        + origin + ' ' + origin.replaceFirst("^http", "ws")
                        + "; base-uri 'none'; form-action 'none'; frame-ancestors *"));
        return new Response.Bytes(200, headers, page.replace("@origin@", origin).getBytes(UTF_8));
    }

    private static String origin(String address) {
        var uri = URI.create(address);
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }
}
