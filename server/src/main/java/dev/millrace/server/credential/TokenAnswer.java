package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Names;
import java.net.URLDecoder;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Interprets responses of token endpoints: a token, a refusal, or an outage. */
final class TokenAnswer {
    /** Statuses and errors that say that a later attempt may succeed. */
    private static final Set<Integer> LATER = Set.of(408, 425, 429);

    private static final Set<String> TROUBLE =
            Set.of("temporarily_unavailable", "server_error", "slow_down", "rate_limited", "ratelimited");
    private static final int LONGEST = 300;

    private TokenAnswer() {}

    /** The object in a successful response, whose text may be JSON or a form. */
    static ObjectNode object(TokenEndpoint.Answer answer) {
        if (!answer.successful()) {
            throw failure(answer.status(), parse(answer).orElseGet(Json::object));
        }
        return parse(answer)
                .orElseThrow(() -> TokenFailure.unavailable(
                        "no_json",
                        "The token endpoint answered " + answer.status() + " with " + shownType(answer)
                                + " instead of JSON."));
    }

    private static String shownType(TokenEndpoint.Answer answer) {
        return answer.contentType().isEmpty() ? "an unnamed type" : cut(answer.contentType());
    }

    /** The JSON object of a response, if it is one. */
    static Optional<ObjectNode> parse(TokenEndpoint.Answer answer) {
        try {
            return Json.MAPPER.readTree(answer.body()) instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JacksonException _) {
            return form(answer);
        }
    }

    private static Optional<ObjectNode> form(TokenEndpoint.Answer answer) {
        var text = answer.text().strip();
        boolean form = answer.contentType().toLowerCase(Locale.ROOT).contains("form-urlencoded")
                || text.startsWith("access_token=")
                || text.startsWith("oauth_token=")
                || text.startsWith("oauth_token_secret=")
                || text.startsWith("oauth_callback_confirmed=");
        if (!form) {
            return Optional.empty();
        }
        var object = Json.object();
        for (var pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                object.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return Optional.of(object);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException _) {
            return text;
        }
    }

    /** The failure for a response without a token. */
    static TokenFailure failure(int status, ObjectNode answer) {
        var code = error(answer);
        var said = description(answer).map(text -> " (" + text + ")").orElse("");
        boolean trouble = status >= 500
                || (status >= 300 && status < 400)
                || LATER.contains(status)
                || TROUBLE.contains(code)
                || (status < 300 && code.isEmpty());
        if (trouble) {
            return TokenFailure.unavailable(
                    code.isEmpty() ? "status_" + status : code,
                    "The token endpoint has trouble: it answered " + status + (code.isEmpty() ? "" : ' ' + code) + said
                            + '.');
        }
        var shown = code.isEmpty() ? "status_" + status : code;
        return TokenFailure.refused(
                shown,
                "The provider refused a token: it responded with " + status + (code.isEmpty() ? "" : ' ' + code) + said
                        + remedy(code));
    }

    private static String remedy(String code) {
        return switch (code) {
            case "invalid_client", "unauthorized_client" ->
                ". Check the client id and the client secret of the integration.";
            case "invalid_grant" -> ". The connection must be authorised again.";
            default -> ".";
        };
    }

    private static String error(ObjectNode answer) {
        var error = answer.path("error");
        if (error.isString()) {
            return cut(error.stringValue());
        }
        for (var path : new String[] {"error.code", "error.type", "error.status", "errorCode", "error_code", "code"}) {
            var found = Names.read(answer, path);
            if (found != null && !found.isEmpty()) {
                return cut(found);
            }
        }
        return error.isObject() ? "error" : "";
    }

    private static Optional<String> description(ObjectNode answer) {
        for (var path : new String[] {"error_description", "error.message", "message", "errorSummary", "detail"}) {
            var found = Names.read(answer, path);
            if (found != null && !found.isEmpty()) {
                return Optional.of(cut(found));
            }
        }
        return Optional.empty();
    }

    private static String cut(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }

    /** The value at a dotted path; empty text and null count as missing. An empty path means the whole response. */
    static Optional<JsonNode> at(JsonNode answer, String path) {
        if (path.isEmpty()) {
            return Optional.of(answer);
        }
        var node = answer;
        var rest = path;
        while (true) {
            if (node.has(rest)) {
                return Optional.of(node.get(rest)).filter(found -> !found.isNull());
            }
            int dot = rest.indexOf('.');
            if (dot < 0) {
                return Optional.empty();
            }
            var name = rest.substring(0, dot);
            node = node.isArray() && name.chars().allMatch(Character::isDigit) && name.length() < 9
                    ? node.path(Integer.parseInt(name))
                    : node.path(name);
            rest = rest.substring(dot + 1);
        }
    }
}
