package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import java.util.List;

/** Errors for requests that name a function when none or several match. */
final class Refusals {
    private Refusals() {}

    static Failure unknownFunction() {
        return Failure.plain(404, "not_found", "Function does not exist");
    }

    /** Functions of different kinds or events may share a name. */
    static void ambiguous(List<Function> found) {
        var keys = found.stream().map(Function::key).distinct().toList();
        if (keys.size() < 2) {
            return;
        }
        var details = Json.object();
        var matches = details.putObject("payload").putArray("matches");
        keys.forEach(key -> {
            var match = matches.addObject().put("type", key.kind().wire()).put("name", key.name());
            if (key.kind() == Kind.ON_EVENT) {
                match.put("event", key.event());
            }
        });
        throw new Failure.Plain(
                409,
                "ambiguous_function",
                keys.size() + " functions are called " + keys.getFirst().name() + ". Say which by the type.",
                details);
    }
}
