package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.ProxyRules;
import java.net.URI;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Makes the headers of a call: later steps win (proxy §5). */
final class HeaderBuilder {
    /** What this server calls itself. */
    static final String PRODUCT = "millrace";

    private final Call call;
    private final Target target;
    private final Names names;
    private final Moment moment;

    HeaderBuilder(Call call, Target target, Names names, Moment moment) {
        this.call = call;
        this.target = target;
        this.names = names;
        this.moment = moment;
    }

    Map<String, String> build(URI uri, Body body) {
        var rules = target.provider().proxy();
        var headers = new HashMap<String, String>();
        headers.put("accept", "application/json, text/plain, */*");
        headers.put("accept-encoding", "gzip, deflate");
        headers.put("user-agent", PRODUCT);
        if (!body.type().isEmpty()) {
            headers.put("content-type", body.type());
        }
        authorize(rules, headers);
        boolean ownAgent = false;
        for (var entry : rules.headers()) {
            var value = entry.value().resolve(requestNames(uri, body).or(names), moment);
            value.ifPresent(text -> headers.put(entry.name(), text));
            ownAgent |= value.isPresent() && entry.name().equals("user-agent");
        }
        GenericKey.of(target)
                .filter(key -> !key.inQuery())
                .ifPresent(key -> headers.put(key.name(), key.value(names, moment)));
        for (var given : call.headers().entrySet()) {
            if (!ownAgent || !given.getKey().equals("user-agent")) {
                headers.put(given.getKey(), given.getValue());
            }
        }
        if (body instanceof Body.None) {
            headers.remove("content-type");
        }
        return headers;
    }

    private void authorize(ProxyRules rules, Map<String, String> headers) {
        var credentials = target.credentials();
        var type = credentials.path("type").asString("NONE");
        switch (type) {
            case "BASIC" -> headers.put("authorization", basic(credentials));
            case "OAUTH2", "APP", "OAUTH2_CC", "JWT", "SIGNATURE" -> bearer(headers);
            case "TWO_STEP" -> {
                if (!placesToken(rules)) {
                    bearer(headers);
                }
            }
            case "OAUTH1", "TBA", "AWS_SIGV4" ->
                throw ProxyFailure.refused("unsupported_auth", "Calls signed as " + type + " are not possible yet.");
            default -> {}
        }
    }

    private void bearer(Map<String, String> headers) {
        target.accessToken().ifPresent(token -> headers.put("authorization", "Bearer " + token));
    }

    private static String basic(JsonNode credentials) {
        var pair = credentials.path("username").asString("")
                + ':'
                + credentials.path("password").asString("");
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }

    /** Whether the definition itself says where the token goes. */
    private static boolean placesToken(ProxyRules rules) {
        return rules.headers().stream().anyMatch(header -> {
            var variables = header.value().variables();
            return variables.contains("accessToken")
                    || (header.name().equals("cookie") && variables.contains("credentials._cookies"));
        });
    }

    /** Names that say something of the request itself. */
    private Names requestNames(URI uri, Body body) {
        return path -> switch (path) {
            case "method" -> call.method();
            case "endpoint" -> call.endpoint();
            case "host" -> uri.getRawAuthority();
            case "path" -> uri.getRawPath();
            case "contentType" -> call.headers().getOrDefault("content-type", body.type());
            case "params" -> body instanceof Body.Form form ? sorted(form.encoded()) : sorted(uri.getRawQuery());
            case "urlCanonicalParams" -> sorted(uri.getRawQuery());
            case "bodyCanonicalParams" -> new String(body.content(), UTF_8);
            default -> null;
        };
    }

    private static String sorted(@org.jspecify.annotations.Nullable String query) {
        return query == null ? "" : Arrays.stream(query.split("&", -1)).sorted().collect(Collectors.joining("&"));
    }
}
