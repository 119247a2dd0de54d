package dev.millrace.server.delivery;

import dev.millrace.server.http.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Selects the headers of a provider's webhook that are forwarded to the application. */
final class ForwardedHeaders {
    /**
     * Prefixes of header names that are not forwarded: they concern the provider's HTTP connection, or Millrace sets
     * them.
     */
    private static final List<String> NOT_FORWARDED = List.of(
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

    /** The forwarded headers, with lower-case names. */
    static ObjectNode of(Map<String, String> given) {
        var forwarded = Json.object();
        given.forEach((name, value) -> {
            var lower = name.toLowerCase(Locale.ROOT);
            if (NOT_FORWARDED.stream().noneMatch(lower::startsWith)) {
                forwarded.put(lower, value);
            }
        });
        return forwarded;
    }
}
