package dev.millrace.server.ui;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The static files of the dashboard. Their path names their content, so that browsers keep them for ever; one stylesheet
 * serves the dashboard and the Connect page.
 */
final class Assets {
    private static final String ROOT = Dashboard.SYSTEM + "/static/";

    private record Asset(String type, byte[] body) {}

    private final Map<String, Asset> files = new TreeMap<>();
    private final String version;

    Assets() {
        add("millrace.css", "text/css; charset=utf-8", "/connect/millrace.css");
        add("dashboard.css", "text/css; charset=utf-8", "/ui/dashboard.css");
        add("dashboard.js", "text/javascript; charset=utf-8", "/ui/dashboard.js");
        add("htmx.js", "text/javascript; charset=utf-8", webjar("htmx.org", "dist/htmx.min.js"));
        add("sse.js", "text/javascript; charset=utf-8", webjar("htmx-ext-sse", "sse.js"));
        version = version();
    }

    private void add(String name, String type, String resource) {
        files.put(name, new Asset(type, read(resource)));
    }

    private static String webjar(String name, String file) {
        var properties = new Properties();
        try (var in = Assets.class.getResourceAsStream("/META-INF/maven/org.webjars.npm/" + name + "/pom.properties")) {
            if (in == null) {
                throw new IllegalStateException("the library " + name + " is missing in this build");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "/META-INF/resources/webjars/" + name + '/' + properties.getProperty("version") + '/' + file;
    }

    private static byte[] read(String resource) {
        try (var in = Assets.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the file " + resource + " is missing in this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String version() {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            files.values().forEach(file -> digest.update(file.body()));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String path(String name) {
        return ROOT + version + '/' + name;
    }

    List<Route> routes() {
        return files.keySet().stream()
                .flatMap(name -> Stream.of(Route.get(ROOT + "{version}/" + name, request -> answer(request, name))))
                .toList();
    }

    private Response answer(Request request, String name) {
        // During an upgrade, a page of another server of the cluster asks for its own version: do not keep ours as
        // that.
        boolean same = request.variable("version").equals(version);
        var file = files.get(name);
        var tag = '"' + version + '"';
        var kept = same ? "public, max-age=31536000, immutable" : "no-store";
        if (file == null
                || (same && request.header("If-None-Match").filter(tag::equals).isPresent())) {
            return new Response.Empty(304, Map.of("ETag", List.of(tag), "Cache-Control", List.of(kept)));
        }
        return new Response.Bytes(
                200,
                Map.of(
                        "Content-Type", List.of(file.type()),
                        "X-Content-Type-Options", List.of("nosniff"),
                        "Cache-Control", List.of(kept),
                        "ETag", List.of(tag)),
                file.body());
    }
}
