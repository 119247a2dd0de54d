package dev.millrace.server.http;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Writes the four formats of error bodies that clients of the reference expect. */
public final class Errors {
    private Errors() {}

    static Response answer(Failure failure) {
        if (failure instanceof Failure.Plain plain && plain.retryAfter().isPresent()) {
            var seconds = Long.toString(plain.retryAfter().get().toSeconds());
            return new Response.Whole(
                    failure.status(), Map.of("Retry-After", List.of(seconds)), Json.bytes(body(failure)));
        }
        return Response.json(failure.status(), body(failure));
    }

    /** The body of a failure; functions that call other functions get it too. */
    public static ObjectNode body(Failure failure) {
        var body = Json.object();
        var error = body.putObject("error");
        switch (failure) {
            case Failure.Plain plain -> {
                error.put("code", plain.code());
                if (plain.getMessage() != null) {
                    error.put("message", plain.getMessage());
                }
                plain.details().ifPresent(error::setAll);
            }
            case Failure.Invalid invalid -> {
                error.put("code", invalid.part().code());
                var items = error.putArray("errors");
                for (var issue : invalid.issues()) {
                    var item = items.addObject().put("code", issue.code()).put("message", issue.message());
                    var path = item.putArray("path");
                    issue.path().forEach(path::add);
                }
            }
            case Failure.Typed typed -> {
                error.put("message", typed.getMessage()).put("code", typed.code());
                error.set("payload", typed.payload().orElseGet(Json::object));
            }
            case Failure.Upstream upstream -> {
                error.set("payload", upstream.payload());
                error.put("code", upstream.code());
                upstream.upstream().ifPresent(u -> error.set("upstream", u));
            }
        }
        return body;
    }
}
