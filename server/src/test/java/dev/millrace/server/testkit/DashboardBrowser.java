package dev.millrace.server.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/** Somebody who uses the dashboard without scripts: keeps cookies, loads pages, sends their forms. */
public final class DashboardBrowser implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final HttpClient http;
    private final URI server;
    private final Map<String, String> cookies = new LinkedHashMap<>();

    public DashboardBrowser(URI server) {
        this(server, "127.0.0.1");
    }

    /** @param address of the loopback, from which it comes */
    public DashboardBrowser(URI server, String address) {
        this.server = server;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.ofLiteral(address))
                .build();
    }

    /** Signed in to a server that was started with its dashboard and whose password is still the first one. */
    public static DashboardBrowser signedIn(TestServer server) {
        var browser = new DashboardBrowser(server.url());
        var reply = browser.signIn(server.server().dashboardPassword().orElseThrow());
        if (reply.status() != 303) {
            throw new IllegalStateException("not signed in: " + reply.status());
        }
        return browser;
    }

    /** An answer; redirects are not followed. */
    public record Reply(int status, HttpHeaders headers, String text) {
        public Document html() {
            return Jsoup.parse(text);
        }

        /** Where it leads; empty if nowhere. */
        public String location() {
            return headers.firstValue("Location").orElse("");
        }
    }

    public Map<String, String> cookies() {
        return cookies;
    }

    public Reply signIn(String password) {
        return postAs("/ui/~/sign-in", token(get("/ui/~/sign-in")), Map.of("password", password));
    }

    public Reply get(String path) {
        return send(HttpRequest.newBuilder(server.resolve(path)).header("Accept", "text/html"));
    }

    /** Sends a form of the page at the path {@code from}, with its token. */
    public Reply post(String from, String path, Map<String, String> fields) {
        return postAs(path, token(get(from)), fields);
    }

    /** Sends a form as another page would, with a token of its choice. */
    public Reply postAs(String path, String token, Map<String, String> fields, String... headers) {
        var form = new LinkedHashMap<String, String>();
        form.put("csrf", token);
        form.putAll(fields);
        var body = form.entrySet().stream()
                .map(field -> encode(field.getKey()) + '=' + encode(field.getValue()))
                .collect(Collectors.joining("&"));
        var request = HttpRequest.newBuilder(server.resolve(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    /** The page that a form led to. */
    public Reply follow(Reply reply) {
        return get(reply.location());
    }

    /** The token of the forms of a page. */
    public static String token(Reply page) {
        var input = page.html().selectFirst("input[name=csrf]");
        return input == null ? "" : input.attr("value");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Reply send(HttpRequest.Builder request) {
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + '=' + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        try {
            var response =
                    http.send(request.timeout(LONGEST_WAIT).build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
            response.headers().allValues("Set-Cookie").forEach(this::keep);
            return new Reply(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void keep(String header) {
        var pair = header.split(";", 2)[0];
        var name = pair.substring(0, pair.indexOf('='));
        var value = pair.substring(pair.indexOf('=') + 1);
        if (value.isEmpty()) {
            cookies.remove(name);
        } else {
            cookies.put(name, value);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
