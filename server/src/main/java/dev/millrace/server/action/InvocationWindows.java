package dev.millrace.server.action;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.action.InvocationStore.Invocation;
import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.function.BundleFunction;
import dev.millrace.server.function.BundleFunction.Debounce;
import dev.millrace.server.function.Function;
import dev.millrace.server.http.Json;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Collects calls of functions with {@code debounce}: those with equal keys that arrive within a window become one run at
 * its end. A window begins with its first call and is a task, so it survives restarts. Thread-safe.
 */
final class InvocationWindows {
    static final String TASK = "function-debounce";

    /** How many calls a run may get, unless its function says so. */
    private static final int MOST_TAKEN = 1_000;

    private final Database db;
    private final InvocationStore store;
    private final Encryption encryption;
    private final Schedule schedule;
    private final Clock clock;

    InvocationWindows(Database db, InvocationStore store, Encryption encryption, Schedule schedule, Clock clock) {
        this.db = db;
        this.store = store;
        this.encryption = encryption;
        this.schedule = schedule;
        this.clock = clock;
        schedule.handle(TASK, this::close);
    }

    static Optional<Debounce> debounce(Function function) {
        return BundleFunction.of(function).trigger() instanceof BundleFunction.Trigger.Http http
                ? http.debounce()
                : Optional.empty();
    }

    /** Whether a run gets all calls of a window. */
    static boolean takesAll(Function function) {
        return debounce(function).filter(d -> d.take() == Debounce.Take.ALL).isPresent();
    }

    /**
     * Adds a call to a window, or begins one with it.
     *
     * @param invocation without its {@link Invocation#debounce}
     * @return the id of the run that the call becomes a part of
     */
    UUID collect(Handle handle, Function function, Debounce debounce, Invocation invocation) {
        var key = key(debounce, invocation);
        int most = debounce.most().orElse(debounce.take() == Debounce.Take.ALL ? MOST_TAKEN : Integer.MAX_VALUE);
        while (true) {
            var open = store.collecting(handle, key);
            if (open.isPresent()) {
                add(handle, debounce, open.get(), invocation);
                if (open.get().calls() + 1 >= most) {
                    schedule.drop(handle, TASK, open.get().id().toString());
                    release(handle, open.get());
                }
                return open.get().id();
            }
            var first = debounce.take() == Debounce.Take.ALL
                    ? invocation.with(argument -> listed(function, argument))
                    : invocation;
            if (store.add(handle, first.collecting(key))) {
                var end = invocation.firstSeen().plus(Duration.ofMillis(debounce.windowMillis()));
                schedule.at(handle, TASK, invocation.id().toString(), most == 1 ? invocation.firstSeen() : end);
                return invocation.id();
            }
        }
    }

    private void add(Handle handle, Debounce debounce, Invocation open, Invocation invocation) {
        boolean checked = open.checked() && invocation.checked();
        var argument = switch (debounce.take()) {
            case FIRST -> open.argument();
            case LATEST -> invocation.argument();
            case ALL -> joined(open.argument(), invocation.argument());
        };
        store.collect(handle, open, argument, checked, invocation.firstSeen());
    }

    /** The input and the body become lists. */
    private static ObjectNode listed(Function function, ObjectNode argument) {
        var all = argument.deepCopy();
        if (function.input().isPresent()) {
            all.putArray("input").add(argument.path("input"));
        }
        if (all.path("request") instanceof ObjectNode request) {
            request.putArray("body").add(argument.at("/request/body"));
        }
        return all;
    }

    private static ObjectNode joined(ObjectNode all, ObjectNode next) {
        var bodies = all.at("/request/body");
        if (all.path("input") instanceof ArrayNode inputs) {
            inputs.add(next.path("input"));
        }
        if (bodies instanceof ArrayNode list && next.path("request") instanceof ObjectNode request) {
            list.add(request.path("body"));
            var latest = request.deepCopy();
            latest.set("body", list);
            all.set("request", latest);
        }
        return all;
    }

    /** Identifies what belongs together, without showing it. */
    private String key(Debounce debounce, Invocation invocation) {
        var parts = Json.array().add(invocation.connection()).add(invocation.function());
        var request = invocation.argument().path("request");
        for (var key : debounce.keyBy()) {
            parts.add(
                    switch (key) {
                        case Debounce.Key.Body(var path) -> at(request.path("body"), path);
                        case Debounce.Key.Header(var name) ->
                            request.path("headers").path(name.toLowerCase(Locale.ROOT));
                    });
        }
        return HexFormat.of().formatHex(encryption.fingerprint(Json.text(parts).getBytes(UTF_8)));
    }

    private static JsonNode at(JsonNode body, String path) {
        var node = body;
        for (var part : path.split("\\.", -1)) {
            node = node.isArray() && part.matches("\\d{1,9}") ? node.path(Integer.parseInt(part)) : node.path(part);
        }
        return node.isMissingNode() ? Json.object().nullNode() : node;
    }

    private void close(Schedule.Claim claim) {
        db.useTransaction(handle -> {
            store.collected(handle, UUID.fromString(claim.id())).ifPresent(collected -> release(handle, collected));
            schedule.finish(handle, claim);
        });
        schedule.wake();
    }

    private void release(Handle handle, Invocation collected) {
        var now = clock.instant();
        store.release(handle, collected.id(), now.plus(Invocations.LONGEST_WAIT));
        schedule.at(handle, InvocationQueue.TASK, collected.lane(), now);
    }
}
