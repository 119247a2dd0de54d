package dev.millrace.server.sync;

import dev.millrace.server.action.ScheduledFunctions;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionCredentials;
import dev.millrace.server.connection.ConnectionHooks;
import dev.millrace.server.connection.ConnectionSteps;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.AuthWebhooks;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Json;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What follows when a connection is stored: it is validated, prepared, and its syncs begin. Thread-safe. */
public final class ConnectionActivation implements ConnectionHooks {
    private static final String VALIDATE = "validate-connection";
    private static final String PREPARE = "post-connection-creation";
    private static final String INVALID = "connection_validation_failed";

    // Tasks. Their ids are the connection's and one of the task's own, since the same connection may be stored several
    // times at once.
    private static final String CREATED = "connection-created";
    private static final String REPLACED = "connection-stored";
    /** The end of those ids when the end user has authorised the connection. */
    private static final String BY_END_USER = ":end-user";

    private static final String PREPARING = "post-connection-creation";

    // The first run waits this long for the functions that prepare the connection.
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    private final Database db;
    private final Syncs syncs;
    private final EventFunctions events;
    private final ScheduledFunctions scheduled;
    private final ConnectionDeletion deletion;
    private final Connections connections;
    private final ConnectionCredentials credentials;
    private final Functions functions;
    private final ConnectionSteps steps;
    private final Schedule schedule;
    private final AuthWebhooks webhooks;
    private final Clock clock;

    public ConnectionActivation(
            Database db,
            Syncs syncs,
            EventFunctions events,
            ScheduledFunctions scheduled,
            ConnectionDeletion deletion,
            Connections connections,
            ConnectionCredentials credentials,
            Functions functions,
            ConnectionSteps steps,
            Schedule schedule,
            AuthWebhooks webhooks,
            Clock clock) {
        this.db = db;
        this.syncs = syncs;
        this.events = events;
        this.scheduled = scheduled;
        this.deletion = deletion;
        this.connections = connections;
        this.credentials = credentials;
        this.functions = functions;
        this.steps = steps;
        this.schedule = schedule;
        this.webhooks = webhooks;
        this.clock = clock;
        schedule.handle(CREATED, this::settleLater);
        schedule.handle(REPLACED, this::settleLater);
        schedule.handle(PREPARING, this::prepare);
    }

    @Override
    public Schedule.Claim stored(Handle handle, long connectionId, boolean created, boolean byEndUser) {
        var id = connectionId + ":" + UUID.randomUUID() + (byEndUser ? BY_END_USER : "");
        return schedule.claim(handle, created ? CREATED : REPLACED, id).orElseThrow();
    }

    @Override
    public Optional<String> settle(Schedule.Claim claim, Connection connection) throws InterruptedException {
        return events.perform(claim, () -> settled(claim, connection));
    }

    /** The process that stored the connection stopped before the steps that follow. */
    private void settleLater(Schedule.Claim claim) throws InterruptedException {
        var connection = events.begin(claim);
        if (connection.isPresent()) {
            settled(claim, connection.get());
        }
    }

    private Optional<String> settled(Schedule.Claim claim, Connection connection) throws InterruptedException {
        var refusal = refusal(claim, connection);
        var deployed = functions.ofIntegration(connection.integrationId());
        db.useTransaction(handle -> {
            if (connections.isThere(handle, connection)) {
                if (refusal.isEmpty()) {
                    connected(handle, connection, deployed);
                    announce(handle, claim, connection);
                } else if (claim.kind().equals(CREATED)) {
                    deletion.delete(handle, connection);
                } else {
                    var failure = AuthFailure.lasting(INVALID, refusal.get(), UUID.randomUUID(), clock.instant());
                    credentials.fail(handle, connection.storedCredentials(), failure);
                    webhooks.replacementFailed(handle, connection, INVALID, refusal.get());
                }
            }
            schedule.finish(handle, claim);
        });
        schedule.wake();
        return refusal;
    }

    private void announce(Handle handle, Schedule.Claim claim, Connection connection) {
        boolean byEndUser = claim.id().endsWith(BY_END_USER);
        if (claim.kind().equals(CREATED)) {
            webhooks.created(handle, connection, byEndUser);
        } else {
            webhooks.replaced(handle, connection, byEndUser);
        }
    }

    /** Runs the functions that validate a connection, up to the first that fails. */
    private Optional<String> refusal(Schedule.Claim claim, Connection connection) throws InterruptedException {
        for (var function : events.of(connection, VALIDATE)) {
            if (events.run(claim, function, connection, VALIDATE).outcome() instanceof Outcome.Failed failed) {
                return Optional.of(reason(failed));
            }
        }
        return Optional.empty();
    }

    /** The error message of the function. */
    private static String reason(Outcome.Failed failed) {
        var payload = Json.parse(failed.payload());
        for (var name : List.of("message", "error")) {
            if (payload.path(name).isString()) {
                return payload.path(name).stringValue();
            }
        }
        return "Connection failed validation";
    }

    private void connected(Handle handle, Connection connection, List<Function> deployed) {
        boolean waits = steps.followConnecting(connection)
                || deployed.stream().anyMatch(f -> EventFunctions.isEvent(f, PREPARE));
        syncs.credentialsRecovered(handle, connection.id());
        // The installation of an app may wait for an approval: nothing can be synced until then.
        if (!connection.config().path("pending").asBoolean(false)) {
            var first = waits ? clock.instant().plus(LONGEST_WAIT) : clock.instant();
            syncs.connected(handle, connection, deployed, first);
            scheduled.connected(handle, connection, deployed, first);
        }
        if (waits) {
            // A task for each time: one that is running belongs to what was authorised before.
            schedule.at(handle, PREPARING, connection.id() + ":" + UUID.randomUUID(), clock.instant());
        }
    }

    /** Does the definition's steps and runs the functions that prepare a new connection, then lets its syncs begin. */
    private void prepare(Schedule.Claim claim) throws InterruptedException {
        var connection = events.begin(claim);
        if (connection.isEmpty()) {
            return;
        }
        var found = steps.connected(connection.get());
        if (!found.isEmpty()) {
            var made = connection.get();
            db.useTransaction(handle -> connections.configure(handle, made, found));
            connection = connections.find(made.id()).or(() -> Optional.of(made));
        }
        events.runAll(claim, connection.get(), PREPARE);
        syncs.release(connection.get());
        scheduled.release(connection.get());
        db.useTransaction(handle -> schedule.finish(handle, claim));
    }
}
