package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Issue;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Responses shared by the routes of metadata. */
final class Replies {
    private static final int LONGEST_WARNING = 2_000;

    private Replies() {}

    /** The connection of a path {@code /connections/{connectionId}/...}. */
    static Address address(Request request, String integration) {
        var path = request.path();
        var id = path.text("connectionId", Text.CONNECTION_ID);
        path.end();
        return new Address(request.environment(), integration, id);
    }

    static IfMatch ifMatch(Request request) {
        return IfMatch.of(request.header("If-Match"));
    }

    /** The response to a change, with the new version. */
    static Response written(int status, WriteResult written, byte[] body) {
        var headers = new LinkedHashMap<String, List<String>>(
                Response.version(written.current().version()));
        headers.putAll(warnings(written.warnings()));
        return new Response.Whole(status, headers, body);
    }

    /** A header value of one line of ASCII. */
    static Map<String, List<String>> warnings(List<Issue> warnings) {
        if (warnings.isEmpty()) {
            return Map.of();
        }
        var text = warnings.stream()
                .map(w -> String.join(".", w.path()) + ": " + w.message())
                .collect(Collectors.joining("; "))
                .replaceAll("[^\\x20-\\x7E]", "?");
        return Map.of("Millrace-Warning", List.of(text.substring(0, Math.min(text.length(), LONGEST_WARNING))));
    }

    static String missing(String id, String key, boolean several) {
        var message = "Connection with connection id " + id + " and provider config key " + key
                + " not found. Please make sure the connection exists";
        return several
                ? message + ". No actions were taken on any of the connections as a result of this failure."
                : message;
    }

    /** Shape A. */
    static Failure unknown(String id, String key, boolean several) {
        return Failure.plain(404, "unknown_connection", missing(id, key, several));
    }

    /** Shape C, of the older paths. */
    static Failure unknownTyped(String id, String key) {
        var payload = Json.object().put("connectionId", id).put("providerConfigKey", key);
        return new Failure.Typed(404, "unknown_connection", missing(id, key, false), payload);
    }
}
