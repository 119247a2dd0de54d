package dev.millrace.server.proxy;

import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.http.HttpStatus;

/**
 * The words beside a status, which the HTTP client keeps to itself: those that Node.js sends and knows, as functions and callers
 * expect them in {@code statusText}.
 */
final class Reasons {
    private static final Map<Integer, String> NODE = Map.ofEntries(
            Map.entry(208, "Already Reported"),
            Map.entry(226, "IM Used"),
            Map.entry(300, "Multiple Choices"),
            Map.entry(413, "Payload Too Large"),
            Map.entry(414, "URI Too Long"),
            Map.entry(416, "Range Not Satisfiable"),
            Map.entry(418, "I'm a Teapot"),
            Map.entry(422, "Unprocessable Entity"),
            Map.entry(425, "Too Early"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(451, "Unavailable For Legal Reasons"),
            Map.entry(506, "Variant Also Negotiates"),
            Map.entry(509, "Bandwidth Limit Exceeded"));

    private Reasons() {}

    /** Empty for a status that nobody has named. */
    static String of(int status) {
        var known = NODE.get(status);
        return known == null && HttpStatus.getCode(status) != null
                ? HttpStatus.getMessage(status)
                : Objects.requireNonNullElse(known, "");
    }
}
