package dev.millrace.server.outbound;

import static java.util.Locale.ROOT;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.MessageHeaders;
import org.apache.hc.core5.util.TimeValue;

/** Determines where the body of a response ends (RFC 9112), and whether its connection can be reused. */
final class Framing implements ContentLengthStrategy {
    static final Framing OF_ANSWERS = new Framing();

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern TIMEOUT = Pattern.compile("timeout\\s*=\\s*\"?([0-9]{1,6})");
    /** Most servers keep idle connections for at least a minute. */
    private static final long LONGEST_REST = 60_000;

    private static final long SHORTEST_REST = 500;

    private Framing() {}

    @Override
    public long determineLength(HttpMessage message) throws BrokenAnswer {
        var codings = codings(message);
        if (!codings.isEmpty()) {
            if (!codings.equals(List.of("chunked"))) {
                throw new BrokenAnswer(
                        "HPE_INVALID_TRANSFER_ENCODING",
                        "Parse Error: Transfer-Encoding is something else than chunked");
            }
            return CHUNKED;
        }
        var lengths = new HashSet<>(list(message, "content-length"));
        if (lengths.isEmpty()) {
            return UNDEFINED;
        }
        if (lengths.size() > 1) {
            throw new BrokenAnswer("HPE_UNEXPECTED_CONTENT_LENGTH", "Parse Error: Content-Length has several values");
        }
        return length(lengths.iterator().next())
                .orElseThrow(() ->
                        new BrokenAnswer("HPE_INVALID_CONTENT_LENGTH", "Parse Error: Content-Length is not a number"));
    }

    static Optional<Long> length(String value) {
        return LENGTH.matcher(value).matches() ? Optional.of(Long.valueOf(value)) : Optional.empty();
    }

    /** Without {@code identity}, which old servers send and which has no effect. */
    private static List<String> codings(MessageHeaders message) {
        var codings = list(message, "transfer-encoding");
        codings.removeIf(coding -> coding.equals("identity"));
        return codings;
    }

    /** The items of all headers with a name, in lower case. */
    private static List<String> list(MessageHeaders message, String name) {
        var items = new ArrayList<String>();
        for (var header : message.getHeaders(name)) {
            Arrays.stream(header.getValue().split(",", -1))
                    .map(item -> item.strip().toLowerCase(ROOT))
                    .filter(item -> !item.isEmpty())
                    .forEach(items::add);
        }
        return items;
    }

    /** How long the connection may be idle before the next request; empty when it must be closed. */
    static Optional<TimeValue> rest(ClassicHttpResponse response) {
        var options = list(response, "connection");
        boolean stays = HttpVersion.HTTP_1_0.equals(response.getVersion())
                ? options.contains("keep-alive")
                : !options.contains("close");
        boolean ends = response.getEntity() != null
                && response.getEntity().getContentLength() < 0
                && !response.getEntity().isChunked();
        return stays && !ends && !ambiguous(response)
                ? Optional.of(rest(list(response, "keep-alive")))
                : Optional.empty();
    }

    /**
     * The response has two framings, or one where no body is allowed. The bytes that follow may then be part of this
     * response.
     */
    private static boolean ambiguous(ClassicHttpResponse response) {
        boolean coded = response.containsHeader("transfer-encoding");
        boolean bodiless = response.getCode() == 204 || response.getCode() == 304;
        boolean measured = response.containsHeader("content-length");
        return (coded && (measured || bodiless))
                || (response.getCode() == 204
                        && measured
                        && !list(response, "content-length").equals(List.of("0")));
    }

    /** A second less than the server states, so that it does not close the connection during a request. */
    private static TimeValue rest(List<String> keepAlive) {
        long millis = keepAlive.stream()
                .map(TIMEOUT::matcher)
                .filter(matcher -> matcher.find())
                .mapToLong(matcher -> Math.max(1000 * Long.parseLong(matcher.group(1)) - 1000, SHORTEST_REST))
                .findFirst()
                .orElse(LONGEST_REST);
        return TimeValue.ofMilliseconds(Math.min(millis, LONGEST_REST));
    }
}
