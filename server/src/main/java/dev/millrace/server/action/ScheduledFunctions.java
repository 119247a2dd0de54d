package dev.millrace.server.action;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.function.BundleFunction;
import dev.millrace.server.function.BundleFunction.Trigger;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * Runs bundle functions with a schedule on each connection of their integration. The schedule of a connection is a task
 * whose id contains the frequency: it ends when it no longer fits what is deployed. Thread-safe.
 */
public final class ScheduledFunctions {
    private static final String TICK = "function-schedule";
    // The task of an integration after a deploy; a transaction of a deploy must not list all connections.
    private static final String PLAN = "function-schedules";

    private final Database db;
    private final Schedule schedule;
    private final Connections connections;
    private final Functions functions;
    private final Invocations invocations;
    private final Clock clock;

    public ScheduledFunctions(
            Database db,
            Schedule schedule,
            Connections connections,
            Functions functions,
            Invocations invocations,
            Clock clock) {
        this.db = db;
        this.schedule = schedule;
        this.connections = connections;
        this.functions = functions;
        this.invocations = invocations;
        this.clock = clock;
        schedule.handle(TICK, this::tick);
        schedule.handle(PLAN, this::plan);
    }

    private static Optional<Trigger.Schedule> scheduleOf(Function function) {
        return function.kind() == Kind.FUNCTION
                        && BundleFunction.of(function).trigger() instanceof Trigger.Schedule found
                        && found.starts()
                ? Optional.of(found)
                : Optional.empty();
    }

    private static String id(long connection, Trigger.Schedule found, Function function) {
        return connection + ":" + found.frequency().interval().toSeconds() + ":" + function.name();
    }

    /** Applies a deploy, within its transaction. */
    public void deployed(Handle handle, Collection<Function> inService) {
        inService.stream()
                .filter(function -> scheduleOf(function).isPresent())
                .map(Function::integrationId)
                .distinct()
                .sorted()
                .forEach(integration -> schedule.at(handle, PLAN, String.valueOf(integration), clock.instant()));
    }

    private void plan(Schedule.Claim claim) {
        long integration = Long.parseLong(claim.id());
        var deployed = functions.ofIntegration(integration);
        var all = connections.ofIntegration(integration);
        db.useTransaction(handle -> {
            var ids = new TreeSet<String>();
            for (var function : deployed) {
                scheduleOf(function)
                        .ifPresent(found -> all.forEach(connection -> ids.add(id(connection.id(), found, function))));
            }
            schedule.add(handle, TICK, ids, clock.instant());
            schedule.finish(handle, claim);
        });
        schedule.wake();
    }

    /** The connection exists now: its schedules begin at that time. */
    public void connected(Handle handle, Connection connection, List<Function> deployed, Instant first) {
        var ids = new TreeSet<String>();
        deployed.forEach(function ->
                scheduleOf(function).ifPresent(found -> ids.add(id(connection.id(), found, function))));
        schedule.add(handle, TICK, ids, first);
    }

    /** The functions that prepare the connection have ended: its schedules begin now. */
    public void release(Connection connection) {
        var deployed = functions.ofIntegration(connection.integrationId());
        db.useTransaction(handle -> deployed.forEach(function -> scheduleOf(function)
                .ifPresent(found -> schedule.at(handle, TICK, id(connection.id(), found, function), clock.instant()))));
    }

    private void tick(Schedule.Claim claim) {
        var parts = claim.id().split(":", 3);
        var connection = connections.find(Long.parseLong(parts[0]));
        var function = connection.flatMap(c -> functions.find(c.integrationId(), Kind.FUNCTION, parts[2]));
        var found = function.flatMap(ScheduledFunctions::scheduleOf);
        db.useTransaction(handle -> {
            if (found.isEmpty()
                    || !id(connection.orElseThrow().id(), found.get(), function.orElseThrow())
                            .equals(claim.id())) {
                schedule.finish(handle, claim);
                return;
            }
            if (function.orElseThrow().enabled()) {
                invocations.scheduled(handle, function.get(), connection.orElseThrow());
            }
            schedule.again(
                    handle, claim, clock.instant().plus(found.get().frequency().interval()));
        });
        schedule.wake();
    }
}
