package dev.millrace.server.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Locale.ROOT;

import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.MessageHeaders;

/** The headers of requests and responses: which values are allowed, and which headers concern only one connection. */
final class Headers {
    /** Headers about the connection and the framing of a message; only the HTTP client sets them. */
    private static final Set<String> OURS = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private static final String TOKEN = "!#$%&'*+-.^_`|~";

    private Headers() {}

    /** Adds the headers of a call to a message, except those that only the client sets. */
    static void write(Outgoing request, HttpMessage into) {
        var named = named(request.headers().getOrDefault("connection", ""));
        request.headers().forEach((name, value) -> {
            check(name, value);
            if (!OURS.contains(name) && !name.startsWith("proxy-") && !named.contains(name)) {
                into.addHeader(name, value);
            }
        });
        var user = request.uri().userInfo();
        if (!user.isEmpty() && !request.headers().containsKey("authorization")) {
            into.addHeader("authorization", basic(user));
        }
    }

    /** The names that a {@code Connection} header lists. */
    private static Set<String> named(String connection) {
        var names = new HashSet<String>();
        Arrays.stream(connection.split(",", -1))
                .map(name -> name.strip().toLowerCase(ROOT))
                .forEach(names::add);
        return names;
    }

    private static String basic(String userInfo) {
        var pair = userInfo.indexOf(':') < 0 ? userInfo + ':' : userInfo;
        return "Basic " + Base64.getEncoder().encodeToString(decoded(pair).getBytes(UTF_8));
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException _) {
            return text;
        }
    }

    /** The message must not contain the value, which may be a credential. */
    private static void check(String name, String value) {
        if (!isToken(name)) {
            throw OutboundFailure.refused(
                    "unknown_error",
                    "A header cannot be sent: its name may hold letters, digits and " + TOKEN + " only.");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0xff) {
                throw refused(name, "characters beyond Latin-1; encode them");
            }
            if (isControl(c)) {
                throw refused(name, "a line break or another control character");
            }
        }
    }

    private static OutboundFailure refused(String name, String what) {
        return OutboundFailure.refused("unknown_error", "The header " + name + " cannot be sent: it has " + what + ".");
    }

    private static boolean isToken(String name) {
        return !name.isEmpty()
                && name.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || TOKEN.indexOf(c) >= 0);
    }

    private static boolean isControl(char c) {
        return (c < ' ' && c != '\t') || c == 0x7f;
    }

    /** The headers of a response by their lower-case names; each character stands for one byte. */
    static Map<String, List<String>> read(MessageHeaders answer) throws BrokenAnswer {
        var headers = new LinkedHashMap<String, List<String>>();
        for (var header : answer.getHeaders()) {
            var name = header.getName().toLowerCase(ROOT);
            var value = header.getValue() == null ? "" : header.getValue().strip();
            for (int i = 0; i < value.length(); i++) {
                if (isControl(value.charAt(i))) {
                    throw new BrokenAnswer("HPE_INVALID_HEADER_TOKEN", "Parse Error: Invalid header value char");
                }
            }
            if (!isToken(name)) {
                throw new BrokenAnswer("HPE_INVALID_HEADER_TOKEN", "Parse Error: Invalid header token");
            }
            headers.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return headers;
    }
}
