package dev.millrace.server.sync;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionCredentials;
import dev.millrace.server.connection.ConnectionHooks;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.CredentialHooks;
import dev.millrace.server.credential.AuthFailure;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.function.js.ScriptType;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The effects of creating and deleting connections and integrations: event functions, syncs, records. Thread-safe. */
public final class Lifecycle implements ConnectionHooks, CredentialHooks {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    private static final String VALIDATE = "validate-connection";
    private static final String PREPARE = "post-connection-creation";
    private static final String CLEAN_UP = "pre-connection-deletion";

    // Tasks. The id of a task that stores a connection consists of the connection's id and one of its own, because the
    // same connection may be stored several times at once. All other tasks have the connection's id.
    private static final String CREATED = "connection-created";
    private static final String REPLACED = "connection-stored";
    private static final String PREPARING = "post-connection-creation";
    private static final String DELETING = "connection-deleting";

    // The first run waits this long for the functions that prepare the connection.
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Database db;
    private final Syncs syncs;
    private final Runs runs;
    private final Connections connections;
    private final ConnectionCredentials credentials;
    private final Integrations integrations;
    private final Environments environments;
    private final Functions functions;
    private final Schedule schedule;
    private final Clock clock;

    public Lifecycle(
            Database db,
            Syncs syncs,
            Runs runs,
            Connections connections,
            ConnectionCredentials credentials,
            Integrations integrations,
            Environments environments,
            Functions functions,
            Schedule schedule,
            Clock clock) {
        this.db = db;
        this.syncs = syncs;
        this.runs = runs;
        this.connections = connections;
        this.credentials = credentials;
        this.integrations = integrations;
        this.environments = environments;
        this.functions = functions;
        this.schedule = schedule;
        this.clock = clock;
        schedule.handle(CREATED, this::settleLater);
        schedule.handle(REPLACED, this::settleLater);
        schedule.handle(PREPARING, this::prepare);
        schedule.handle(DELETING, this::deleteLater);
    }

    private List<Function> eventFunctions(Connection connection, String event) {
        return functions.ofIntegration(connection.integrationId()).stream()
                .filter(f -> isEvent(f, event))
                .toList();
    }

    private static boolean isEvent(Function function, String event) {
        return function.kind() == Kind.ON_EVENT && function.event().equals(event) && function.enabled();
    }

    private Runs.Ended run(Schedule.Claim claim, Function function, Connection connection) throws InterruptedException {
        var environment = environments.get(connection.environmentId()).name();
        var work = new Work(ScriptType.ON_EVENT, function, connection, environment, Optional.empty(), Optional.empty());
        return runs.execute(work.of(claim));
    }

    /** Executes a task claimed by this process; the caller waits for its end. */
    private <T> T perform(Schedule.Claim claim, Callable<T> work) throws InterruptedException {
        try {
            return schedule.run(claim, work);
        } catch (LeaseLost _) {
            throw Failure.unavailable(
                    LeaseLost.CODE,
                    "This server was silent for too long, so another one continues the request. Read the"
                            + " connection before you send the request again.");
        }
    }

    @Override
    public Schedule.Claim stored(Handle handle, long connectionId, boolean created) {
        return schedule.claim(handle, created ? CREATED : REPLACED, connectionId + ":" + UUID.randomUUID())
                .orElseThrow();
    }

    @Override
    public Optional<String> settle(Schedule.Claim claim, Connection connection) throws InterruptedException {
        return perform(claim, () -> settled(claim, connection));
    }

    /** The process that stored the connection stopped before the steps that follow. */
    private void settleLater(Schedule.Claim claim) throws InterruptedException {
        var connection = begin(claim);
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
                } else if (claim.kind().equals(CREATED)) {
                    delete(handle, connection);
                } else {
                    var failure = AuthFailure.lasting(
                            "connection_validation_failed", refusal.get(), UUID.randomUUID(), clock.instant());
                    credentials.fail(handle, connection.storedCredentials(), failure);
                }
            }
            schedule.finish(handle, claim);
        });
        schedule.wake();
        return refusal;
    }

    /** Runs the functions that validate a connection, up to the first that fails. */
    private Optional<String> refusal(Schedule.Claim claim, Connection connection) throws InterruptedException {
        for (var function : eventFunctions(connection, VALIDATE)) {
            if (run(claim, function, connection).outcome() instanceof Outcome.Failed failed) {
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
        boolean waits = deployed.stream().anyMatch(f -> isEvent(f, PREPARE));
        syncs.credentialsRecovered(handle, connection.id());
        syncs.connected(handle, connection, deployed, waits ? clock.instant().plus(PATIENCE) : clock.instant());
        if (waits) {
            schedule.at(handle, PREPARING, task(connection), clock.instant());
        }
    }

    private static String task(Connection connection) {
        return String.valueOf(connection.id());
    }

    /** Runs the functions that prepare a new connection, then starts its syncs. */
    private void prepare(Schedule.Claim claim) throws InterruptedException {
        var connection = begin(claim);
        if (connection.isEmpty()) {
            return;
        }
        for (var function : eventFunctions(connection.get(), PREPARE)) {
            if (run(claim, function, connection.get()).lost()) {
                LOG.warn("{} of {} was lost; it is not run again", function.name(), connection.get());
            }
        }
        syncs.release(connection.get());
        db.useTransaction(handle -> schedule.finish(handle, claim));
    }

    private Optional<Connection> begin(Schedule.Claim claim) {
        var connection = connections.find(Long.parseLong(claim.id().split(":", 2)[0]));
        db.useTransaction(handle -> {
            claim.check(handle);
            runs.takeOver(handle, claim);
            if (connection.isEmpty()) {
                schedule.finish(handle, claim);
            }
        });
        return connection;
    }

    @Override
    public void failed(Handle handle, long connection) {
        syncs.credentialsFailed(handle, connection);
    }

    @Override
    public void recovered(Handle handle, long connection) {
        syncs.credentialsRecovered(handle, connection);
        handle.afterCommit(schedule::wake);
    }

    @Override
    public void resumeRecovered() {
        for (var connection : syncs.recovered()) {
            db.useTransaction(handle -> recovered(handle, connection));
        }
    }

    /**
     * Deletes a connection and everything that depends on it, after its pre-connection-deletion functions. An interrupt
     * ends the wait, not the deletion. If this process dies, another one continues.
     */
    public void delete(Connection connection) throws InterruptedException {
        if (eventFunctions(connection, CLEAN_UP).isEmpty()) {
            db.useTransaction(handle -> delete(handle, connection));
            schedule.wake();
            return;
        }
        var claim = db.inTransaction(handle -> schedule.claim(handle, DELETING, task(connection)));
        if (claim.isPresent()) {
            perform(claim.get(), () -> deleted(claim.get(), connection));
        } else {
            awaitDeletion(connection);
        }
    }

    /** Another caller has requested the deletion as well. */
    private void awaitDeletion(Connection connection) throws InterruptedException {
        while (connections.find(connection.id()).isPresent()) {
            Thread.sleep(LOOK);
        }
    }

    /** The process that was to delete the connection stopped before it was done. */
    private void deleteLater(Schedule.Claim claim) throws InterruptedException {
        var connection = begin(claim);
        if (connection.isPresent()) {
            deleted(claim, connection.get());
        }
    }

    private boolean deleted(Schedule.Claim claim, Connection connection) throws InterruptedException {
        for (var function : eventFunctions(connection, CLEAN_UP)) {
            // A failure is recorded in the function's log and has no other effect.
            var ended = run(claim, function, connection);
            if (ended.lost()) {
                LOG.warn("{} of {} was lost; it is not run again", function.name(), connection);
            }
        }
        boolean done = db.inTransaction(handle -> {
            boolean there = connections.isThere(handle, connection);
            if (there) {
                delete(handle, connection);
            }
            schedule.finish(handle, claim);
            return there;
        });
        schedule.wake();
        return done;
    }

    private void delete(Handle handle, Connection connection) {
        connections.delete(handle, connection);
        syncs.connectionDeleted(handle, connection);
    }

    /** Deletes an integration with its connections and functions. */
    public void delete(Integration integration) {
        var all = connections.ofIntegration(integration.id());
        db.useTransaction(handle -> {
            for (var connection : all) {
                delete(handle, connection);
            }
            functions.removeAll(handle, integration.id());
            integrations.delete(handle, integration);
        });
        functions.removeUnusedCode();
        schedule.wake();
    }
}
