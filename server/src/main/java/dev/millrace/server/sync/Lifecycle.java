package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionHooks;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.function.DeployHooks;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.runtime.Outcome;
import dev.millrace.server.function.runtime.ScriptType;
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
public final class Lifecycle implements ConnectionHooks, DeployHooks {
    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

    private static final String CREATED = "post-connection-creation";
    private static final String DELETING = "pre-connection-deletion";
    private static final String VALIDATE = "validate-connection";
    // First runs wait this long for the functions that prepare the connection.
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
    }

    private List<Function> eventFunctions(Connection connection, String event) {
        return functions.ofIntegration(connection.integrationId()).stream()
                .filter(f -> f.kind() == Kind.ON_EVENT && f.event().equals(event) && f.enabled())
                .toList();
    }

    private Outcome run(Function function, Connection connection) throws InterruptedException {
        var work = new Work(
                ScriptType.ON_EVENT,
                function,
                connection,
                environments.get(connection.environmentId()).name(),
                Optional.empty(),
                Optional.empty());
        return runs.execute(work).outcome();
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
    public void connected(Connection connection, boolean created) {
        var event = eventFunctions(connection, CREATED);
        if (event.isEmpty()) {
            syncs.connected(connection, clock.instant());
            return;
        }
        syncs.connected(connection, clock.instant().plus(PATIENCE));
        Thread.ofVirtual().name("connected-" + connection.id()).start(() -> {
            try {
                for (var function : event) {
                    run(function, connection);
                }
                syncs.release(connection);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                log.error("the event functions of {} could not be run", connection, e);
            }
        });
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
