package dev.millrace.server.ui;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The HTTP calls of an operation on one axis of time, as its lines record them.
 *
 * @param axis labels from the begin to the end of the operation
 */
record Waterfall(List<Call> calls, List<String> axis, long wireMillis, long waitMillis) {
    private static final int WIDTH = 1_000;
    private static final double THINNEST = 2;
    private static final int LABELS = 3;
    private static final int LONGEST_BODY = 2_000;

    /**
     * One call.
     *
     * @param answer the status, or what happened instead
     * @param bar the call on the axis, {@code pause} what followed until the next try
     */
    record Call(
            Instant at,
            Duration after,
            String method,
            String url,
            String answer,
            boolean failed,
            long millis,
            long waitMillis,
            String retry,
            String body,
            String curl,
            Bar bar,
            Optional<Bar> pause) {
        String look() {
            return failed ? "bad" : "ok";
        }
    }

    /** Places in the SVG. */
    record Bar(String x, String width) {}

    static Waterfall of(LogPages.Shown operation, List<? extends JsonNode> lines) {
        var withCalls =
                lines.stream().filter(line -> line.path("meta").has("request")).toList();
        long span = 1;
        for (var line : withCalls) {
            var end = Duration.between(operation.startedAt(), time(line)).toMillis()
                    + line.path("meta").path("retry").path("wait_ms").asLong(0);
            span = Math.max(span, end);
        }
        span = Math.max(span, operation.millis().orElse(0L));
        var calls = new ArrayList<Call>();
        for (var line : withCalls) {
            calls.add(call(operation.startedAt(), line, span));
        }
        var axis = new ArrayList<String>();
        for (int label = 0; label <= LABELS; label++) {
            axis.add(seconds(span * label / LABELS));
        }
        return new Waterfall(
                List.copyOf(calls),
                List.copyOf(axis),
                calls.stream().mapToLong(Call::millis).sum(),
                calls.stream().mapToLong(Call::waitMillis).sum());
    }

    private static Instant time(JsonNode line) {
        return Instant.parse(line.path("at").asString(""));
    }

    /** A line is written when the answer is there. */
    private static Call call(Instant begin, JsonNode line, long span) {
        var meta = line.path("meta");
        var request = meta.path("request");
        long millis = Math.max(0, meta.path("duration_ms").asLong(0));
        long wait = Math.max(0, meta.path("retry").path("wait_ms").asLong(0));
        long end = Math.max(0, Duration.between(begin, time(line)).toMillis());
        long start = Math.max(0, end - millis);
        int code = meta.path("response").path("code").asInt(0);
        return new Call(
                time(line).minusMillis(millis),
                Duration.ofMillis(start),
                request.path("method").asString("GET"),
                request.path("url").asString(""),
                code == 0 ? meta.path("error").asString("no answer") : Integer.toString(code),
                code == 0 || code >= 400,
                millis,
                wait,
                retry(meta.path("retry")),
                View.shortened(text(meta.path("response").path("body")), LONGEST_BODY),
                curl(request),
                bar(start, millis, span),
                wait == 0 ? Optional.empty() : Optional.of(bar(end, wait, span)));
    }

    private static String text(JsonNode body) {
        return body.isMissingNode() ? "" : body.isString() ? body.asString() : body.toString();
    }

    private static String retry(JsonNode retry) {
        int attempt = retry.path("attempt").asInt(0);
        return attempt == 0
                ? ""
                : "Retry " + attempt + " of " + retry.path("max").asInt(0);
    }

    private static Bar bar(long from, long millis, long span) {
        double x = Math.min(WIDTH - THINNEST, (double) WIDTH * from / span);
        double width = Math.max(THINNEST, Math.min(WIDTH - x, (double) WIDTH * millis / span));
        return new Bar(number(x), number(width));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String seconds(long millis) {
        return millis < 1_000 ? millis + " ms" : String.format(Locale.ENGLISH, "%.1f s", millis / 1_000.0);
    }

    /** A command for a shell. The log has masked the secrets. */
    private static String curl(JsonNode request) {
        var method = request.path("method").asString("GET");
        var text = new StringBuilder("curl");
        if (!method.equals("GET")) {
            text.append(" -X ").append(quoted(method));
        }
        text.append(' ').append(quoted(request.path("url").asString("")));
        for (Map.Entry<String, JsonNode> header : request.path("headers").properties()) {
            text.append(" \\\n  -H ")
                    .append(quoted(header.getKey() + ": " + header.getValue().asString("")));
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return '\'' + text.replace("'", "'\\''") + '\'';
    }
}
