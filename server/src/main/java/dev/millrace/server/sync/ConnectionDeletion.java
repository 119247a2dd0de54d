package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionSteps;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.AuthWebhooks;
import dev.millrace.server.function.Functions;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.schedule.Schedule;
import java.time.Duration;
import org.jdbi.v3.core.Handle;

/** Deletes connections, and integrations, with all that depends on them. Thread-safe. */
public final class ConnectionDeletion {
    private static final String CLEAN_UP = "pre-connection-deletion";
    // A task; its id is the connection's.
    private static final String DELETING = "connection-deleting";
    private static final Duration LOOK = Duration.ofMillis(250);

    private final Database db;
    private final Syncs syncs;
    private final EventFunctions events;
    private final Connections connections;
    private final Integrations integrations;
    private final Functions functions;
    private final ConnectionSteps steps;
    private final Schedule schedule;
    private final AuthWebhooks webhooks;

    public ConnectionDeletion(
            Database db,
            Syncs syncs,
            EventFunctions events,
            Connections connections,
            Integrations integrations,
            Functions functions,
            ConnectionSteps steps,
            Schedule schedule,
            AuthWebhooks webhooks) {
        this.db = db;
        this.syncs = syncs;
        this.events = events;
        this.connections = connections;
        this.integrations = integrations;
        this.functions = functions;
        this.steps = steps;
        this.schedule = schedule;
        this.webhooks = webhooks;
        schedule.handle(DELETING, this::deleteLater);
    }

    /**
     * Deletes a connection with all that depends on it, after its pre-connection-deletion functions and its
     * definition's steps. An interrupt ends the waiting, not the deletion, and when this process dies another one goes on.
     */
    public void delete(Connection connection) throws InterruptedException {
        if (events.of(connection, CLEAN_UP).isEmpty() && !steps.precedeDeletion(connection)) {
            db.useTransaction(handle -> {
                if (connections.isThere(handle, connection)) {
                    deleteAndTell(handle, connection);
                }
            });
            schedule.wake();
            return;
        }
        var claim = db.inTransaction(handle -> schedule.claim(handle, DELETING, String.valueOf(connection.id())));
        if (claim.isPresent()) {
            events.perform(claim.get(), () -> deleted(claim.get(), connection));
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
        var connection = events.begin(claim);
        if (connection.isPresent()) {
            deleted(claim, connection.get());
        }
    }

    private boolean deleted(Schedule.Claim claim, Connection connection) throws InterruptedException {
        events.runAll(claim, connection, CLEAN_UP);
        steps.deleting(connection);
        boolean done = db.inTransaction(handle -> {
            boolean there = connections.isThere(handle, connection);
            if (there) {
                deleteAndTell(handle, connection);
            }
            schedule.finish(handle, claim);
            return there;
        });
        schedule.wake();
        return done;
    }

    private void deleteAndTell(Handle handle, Connection connection) {
        delete(handle, connection);
        webhooks.deleted(handle, connection);
    }

    void delete(Handle handle, Connection connection) {
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
