package dev.millrace.server.proxy;

import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Logs a line for every attempt of a call and for every delay between attempts. Bodies are not logged.
 *
 * @param wantsErrors whether to log the beginning of failed responses
 */
public record AttemptLog(Logs.Log log, boolean wantsErrors) implements Observer {
    @Override
    public void attempted(Attempt attempt) {
        boolean well = attempt.status().isPresent() && attempt.status().getAsInt() < 400;
        log.add(well ? "info" : "error", attempt.method() + " " + attempt.url(), Json.text(meta(attempt)));
        attempt.next()
                .ifPresent(wait -> log.add(
                        "info",
                        "Trying again in " + wait.toMillis() + " ms, after " + reason(attempt) + " (retry "
                                + (attempt.number() + 1) + " of " + attempt.retries() + ")",
                        null));
    }

    private static String reason(Attempt attempt) {
        return attempt.status().isPresent()
                ? "status " + attempt.status().getAsInt()
                : attempt.error().orElse("no answer");
    }

    private static ObjectNode meta(Attempt attempt) {
        var meta = Json.object();
        var request = meta.putObject("request").put("method", attempt.method()).put("url", attempt.url());
        request.set("headers", headers(attempt.requestHeaders()));
        attempt.status().ifPresent(status -> {
            var response = meta.putObject("response").put("code", status);
            response.set("headers", headers(attempt.answerHeaders()));
            if (!attempt.answerBody().isEmpty()) {
                response.put("body", attempt.answerBody());
            }
        });
        attempt.error().ifPresent(error -> meta.put("error", error));
        meta.put("duration_ms", attempt.duration().toMillis());
        var retry = meta.putObject("retry").put("attempt", attempt.number()).put("max", attempt.retries());
        attempt.next().ifPresent(wait -> retry.put("wait_ms", wait.toMillis()));
        return meta;
    }

    private static ObjectNode headers(Map<String, String> headers) {
        var node = Json.object();
        headers.forEach(node::put);
        return node;
    }
}
