package dev.millrace.client;

import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request of the client, for logs and documentation.
 *
 * <pre>{@code
 * var client = MillraceClient.of(url, key).listening(call -> System.out.println(call.curl(url, "$KEY")));
 * }</pre>
 *
 * Immutable and thread-safe.
 *
 * @param path with its query
 * @param headers besides Authorization, and Content-Type where the body is plain JSON
 * @param body JSON text
 */
public record ApiCall(String method, String path, Map<String, String> headers, Optional<String> body) {
    public ApiCall {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /** The curl command that does the same. */
    public String curl(URI server, String key) {
        return curl(server, key, body.map(ApiCall::quote));
    }

    /** The curl command that does the same, with the body in a file, for long bodies. */
    public String curl(URI server, String key, Path bodyFile) {
        return curl(server, key, Optional.of(quote("@" + bodyFile)));
    }

    private String curl(URI server, String key, Optional<String> data) {
        var line = new StringBuilder("curl");
        if (!method.equals("GET")) {
            line.append(" -X ").append(method);
        }
        line.append(' ').append(quote(server.resolve(path).toString()));
        line.append(" -H \"Authorization: Bearer ").append(key).append('"');
        headers.forEach((name, value) -> line.append(" -H ").append(quote(name + ": " + value)));
        if (data.isPresent()) {
            line.append(headers.containsKey("Content-Type") ? "" : " -H 'Content-Type: application/json'");
            line.append(" -d ").append(data.get());
        }
        return line.toString();
    }

    private static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
