package dev.millrace.server.delivery;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Which headers of a provider's call go on to the application. */
final class ForwardedHeaders {
    /** Beginnings of names of headers about the connection to the provider, and of those that are ours to say. */
    private static final List<String> KEPT_BACK = List.of(
            "host",
            "authorization",
            "connection",
            "keep-alive",
            "content-length",
            "content-type",
            "content-encoding",
            "cookie",
            "set-cookie",
            "referer",
            "user-agent",
            "sec-",
            "proxy-",
            "www-authenticate",
            "server");

    private ForwardedHeaders() {}

    /** By lower-case names. */
    static ObjectNode of(Map<String, String> given) {
        var kept = Json.object();
        given.forEach((name, value) -> {
            var lower = name.toLowerCase(Locale.ROOT);
            if (KEPT_BACK.stream().noneMatch(lower::startsWith)) {
                kept.put(lower, value);
            }
        });
        return kept;
    }
}
