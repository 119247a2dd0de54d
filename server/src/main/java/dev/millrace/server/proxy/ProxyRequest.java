package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.BodyFile;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Text;
import dev.millrace.server.outbound.Payload;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * A validated request to the HTTP proxy.
 *
 * @param operation whose log gets its lines, instead of an operation of its own
 */
record ProxyRequest(String integration, String connection, Call call, Optional<UUID> operation) {
    private static final String PREFIX = "nango-proxy-";
    private static final Text STATUSES = Text.matching("^\\d+(,\\d+)*$");
    private static final Text LOG_ID = Text.between(0, 255);
    private static final Pattern UUID_FORM = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final List<String> FLAG = List.of("true", "false");

    static ProxyRequest of(Request request) {
        var fields = request.headerFields(
                "Provider-Config-Key",
                "Connection-Id",
                "Retries",
                "Retry-On",
                "Base-Url-Override",
                "Decompress",
                "Forward-Headers-On-Redirect",
                "Nango-Logs-Log-Id",
                "Nango-Is-Sync",
                "Nango-Is-Dry-Run");
        var integration = fields.text("provider-config-key", Text.INTEGRATION_ID);
        var connection = fields.text("connection-id", Text.CONNECTION_ID);
        var headers = forwarded(request);
        var builder = Call.to(request.method(), endpoint(request)).headers(headers);
        read(fields, builder);
        var operation = fields.optionalText("nango-logs-log-id", LOG_ID).flatMap(ProxyRequest::operation);
        fields.end();
        return new ProxyRequest(
                integration, connection, builder.body(body(request, headers)).build(), operation);
    }

    /** Unknown ids are ignored, because they only concern logs. */
    private static Optional<UUID> operation(String id) {
        return UUID_FORM.matcher(id).matches() ? Optional.of(UUID.fromString(id)) : Optional.empty();
    }

    private static void read(Fields fields, Call.Builder builder) {
        fields.optionalInt("retries", 0, Integer.MAX_VALUE).ifPresent(builder::retries);
        fields.optionalText("retry-on", STATUSES).ifPresent(list -> {
            if (fields.sound()) {
                // A number that is too large for an int is not a status.
                builder.retryOn(Arrays.stream(list.split(","))
                        .filter(status -> status.length() < 10)
                        .map(Integer::valueOf)
                        .toList());
            }
        });
        fields.optionalText("base-url-override", Text.ANY).ifPresent(url -> {
            if (!url.isEmpty() && !Urls.valid(url)) {
                fields.issue("invalid_union", "Invalid input", "base-url-override");
            }
            builder.baseUrlOverride(url);
        });
        fields.optionalChoice("decompress", FLAG).ifPresent(flag -> builder.decompress(flag.equals("true")));
        fields.optionalChoice("forward-headers-on-redirect", FLAG)
                .ifPresent(flag -> builder.forwardHeadersOnRedirect(flag.equals("true")));
        fields.optionalChoice("nango-is-sync", FLAG);
        fields.optionalChoice("nango-is-dry-run", FLAG);
    }

    /** Path and query as received, without {@code /proxy}. */
    private static String endpoint(Request request) {
        var path = request.rawPath().substring("/proxy".length());
        return request.rawQuery().isEmpty() ? path : path + '?' + request.rawQuery();
    }

    private static Map<String, String> forwarded(Request request) {
        var headers = new HashMap<String, String>();
        request.headers().forEach((name, values) -> {
            if (name.startsWith(PREFIX) && name.length() > PREFIX.length()) {
                headers.put(name.substring(PREFIX.length()), values.getLast());
            }
        });
        return headers;
    }

    /** The kind of body by the received content type; it may be sent with another one. */
    private static Body body(Request request, Map<String, String> headers) {
        if (request.method().equals("GET") || request.method().equals("HEAD")) {
            return new Body.None();
        }
        var own = request.header("Content-Type").orElse("");
        var type = own.toLowerCase(Locale.ROOT);
        var wanted = headers.getOrDefault("content-type", "").toLowerCase(Locale.ROOT);
        if (type.startsWith("multipart/") && !wanted.isEmpty() && !wanted.startsWith("multipart/")) {
            throw Failure.plain(
                    400,
                    "invalid_body",
                    "A multipart body cannot be sent as " + wanted
                            + ". Leave Nango-Proxy-Content-Type out, or set it to multipart/form-data.");
        }
        boolean converted = type.startsWith("application/json") || type.startsWith(Body.FORM);
        var large = converted ? Optional.<BodyFile>empty() : request.bodyFile();
        if (large.isEmpty() && request.body().length == 0) {
            return new Body.None();
        }
        if (type.startsWith("multipart/") && wanted.startsWith("multipart/form-data")) {
            // The received content type contains the boundary of the body.
            headers.remove("content-type");
        }
        if (large.isPresent()) {
            return new Body.Large(own, payload(large.get()));
        }
        var bytes = request.body();
        if (type.startsWith("application/json")) {
            var json = request.json();
            return wanted.startsWith(Body.FORM) && json instanceof ObjectNode object
                    ? new Body.Form(Body.encode(object))
                    : new Body.JsonText(bytes);
        }
        if (type.startsWith(Body.FORM)) {
            var form = new String(bytes, UTF_8);
            return wanted.startsWith("application/json")
                    ? new Body.JsonText(Json.bytes(FormFields.parse(form)))
                    : new Body.Form(form);
        }
        return new Body.Bytes(own, bytes);
    }

    private static Payload payload(BodyFile file) {
        return new Payload() {
            @Override
            public long length() {
                return file.length();
            }

            @Override
            public InputStream open() {
                return file.open();
            }
        };
    }
}
