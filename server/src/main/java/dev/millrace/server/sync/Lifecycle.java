package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionHooks;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.CredentialHooks;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.DeployHooks;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.function.js.ScriptType;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.record.ModelRules;
import dev.millrace.server.run.Runs;
import dev.millrace.server.run.Work;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens as connections, deploys and integrations come and go: event functions, syncs, records. Thread-safe. */
public final class Lifecycle implements ConnectionHooks, CredentialHooks, DeployHooks {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    // Tasks; their id is the connection's.
    private static final String STORED = "connection-stored";
    private static final String CREATED = "post-connection-creation";
    private static final String DELETING = "pre-connection-deletion";
    private static final String VALIDATE = "validate-connection";
    // First runs wait this long for the functions that prepare the connection, and a process has so long to validate
    // it.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Database db;
    private final Syncs syncs;
    private final Runs runs;
    private final Connections connections;
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
            Integrations integrations,
            Environments environments,
            Functions functions,
            Schedule schedule,
            Clock clock) {
        this.db = db;
        this.syncs = syncs;
        this.runs = runs;
        this.connections = connections;
        this.integrations = integrations;
        this.environments = environments;
        this.functions = functions;
        this.schedule = schedule;
        this.clock = clock;
        schedule.handle(STORED, this::goOn);
        schedule.handle(CREATED, this::prepare);
    }

    private List<Function> eventFunctions(Connection connection, String event) {
        return functions.ofIntegration(connection.integrationId()).stream()
                .filter(f -> isEvent(f, event))
                .toList();
    }

    private static boolean isEvent(Function function, String event) {
        return function.kind() == Kind.ON_EVENT && function.event().equals(event) && function.enabled();
    }

    private Outcome run(Function function, Connection connection) throws InterruptedException {
        return runs.execute(work(function, connection)).outcome();
    }

    private Work work(Function function, Connection connection) {
        return new Work(
                ScriptType.ON_EVENT,
                function,
                connection,
                environments.get(connection.environmentId()).name(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public Optional<String> validate(Connection connection) throws InterruptedException {
        for (var function : eventFunctions(connection, VALIDATE)) {
            if (run(function, connection) instanceof Outcome.Failed failed) {
                return Optional.of(reason(failed));
            }
        }
        return Optional.empty();
    }

    /** What the function said (syncs §9). */
    private static String reason(Outcome.Failed failed) {
        var payload = Json.parse(failed.payload());
        for (var name : List.of("message", "error")) {
            if (payload.path(name).isString()) {
                return payload.path(name).stringValue();
            }
        }
        return "Connection failed validation";
    }

    @Override
    public void stored(Handle handle, long connectionId) {
        schedule.at(
                handle, STORED, String.valueOf(connectionId), clock.instant().plus(PATIENCE));
    }

    @Override
    public void refused(Connection connection) {
        db.useTransaction(handle -> schedule.drop(handle, STORED, task(connection)));
    }

    @Override
    public void connected(Connection connection, boolean created) {
        var deployed = functions.ofIntegration(connection.integrationId());
        db.useTransaction(handle -> {
            connected(handle, connection, deployed);
            schedule.drop(handle, STORED, task(connection));
        });
        schedule.wake();
    }

    private void connected(Handle handle, Connection connection, List<Function> deployed) {
        boolean waits = deployed.stream().anyMatch(f -> isEvent(f, CREATED));
        syncs.credentialsRecovered(handle, connection.id());
        syncs.connected(handle, connection, deployed, waits ? clock.instant().plus(PATIENCE) : clock.instant());
        if (waits) {
            schedule.at(handle, CREATED, task(connection), clock.instant());
        }
    }

    private static String task(Connection connection) {
        return String.valueOf(connection.id());
    }

    /** The process that stored the connection did not come to what follows. */
    private void goOn(Schedule.Claim claim) throws InterruptedException {
        var connection = begin(claim);
        if (connection.isEmpty()) {
            return;
        }
        boolean refused = validate(connection.get()).isPresent();
        var deployed = functions.ofIntegration(connection.get().integrationId());
        db.useTransaction(handle -> {
            if (!refused) {
                connected(handle, connection.get(), deployed);
            }
            schedule.finish(handle, claim);
        });
        schedule.wake();
    }

    /** Runs the functions that prepare a new connection, then lets its syncs begin. */
    private void prepare(Schedule.Claim claim) throws InterruptedException {
        var connection = begin(claim);
        if (connection.isEmpty()) {
            return;
        }
        for (var function : eventFunctions(connection.get(), CREATED)) {
            if (runs.execute(work(function, connection.get()).of(claim)).lost()) {
                LOG.warn("{} of {} was lost; it is not run again", function.name(), connection.get());
            }
        }
        syncs.release(connection.get());
        db.useTransaction(handle -> schedule.finish(handle, claim));
    }

    private Optional<Connection> begin(Schedule.Claim claim) {
        var connection = connections.find(Long.parseLong(claim.id()));
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

    @Override
    public void deleting(Connection connection) throws InterruptedException {
        for (var function : eventFunctions(connection, DELETING)) {
            run(function, connection);
        }
    }

    @Override
    public void deleted(Handle handle, Connection connection) {
        syncs.connectionDeleted(handle, connection);
    }

    /** Deletes a connection with all that depends on it. */
    public void delete(Connection connection) throws InterruptedException {
        deleting(connection);
        db.useTransaction(handle -> {
            connections.delete(handle, connection);
            deleted(handle, connection);
        });
        schedule.wake();
    }

    /** Deletes an integration with its connections and functions. */
    public void delete(Integration integration) {
        var all = connections.ofIntegration(integration.id());
        db.useTransaction(handle -> {
            for (var connection : all) {
                connections.delete(handle, connection);
                deleted(handle, connection);
            }
            functions.removeAll(handle, integration.id());
            integrations.delete(handle, integration);
        });
        functions.removeUnusedCode();
        schedule.wake();
    }

    @Override
    public void check(Function function) {
        for (var model : function.kind() == Kind.SYNC ? function.models() : List.<String>of()) {
            try {
                ModelRules.of(function.schemaOf(model));
            } catch (IllegalArgumentException e) {
                throw Failure.plain(
                        400,
                        "deploy_invalid_model",
                        "The model " + model + " of the sync " + function.name() + " cannot be used: "
                                + e.getMessage());
            }
        }
    }

    @Override
    public void changed(Handle handle, List<Function> inService, List<Function> removed) {
        syncs.deployed(handle, inService, removed);
    }

    @Override
    public void committed() {
        syncs.deployed();
    }

    @Override
    public Counts counts(long environment) {
        Map<String, Integer> all = new HashMap<>();
        Map<Function.Key, Integer> syncing = new HashMap<>();
        for (var integration : integrations.list(environment)) {
            all.put(
                    integration.uniqueKey(),
                    connections.ofIntegration(integration.id()).size());
            for (var sync : syncs.ofIntegration(integration.id())) {
                if (sync.variant().equals(SyncName.BASE)) {
                    syncing.merge(
                            new Function.Key(integration.uniqueKey(), Kind.SYNC, sync.name(), ""), 1, Integer::sum);
                }
            }
        }
        return new Counts(all, syncing);
    }
}
