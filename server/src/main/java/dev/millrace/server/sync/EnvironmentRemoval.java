package dev.millrace.server.sync;

import dev.millrace.server.db.Database;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import org.jdbi.v3.core.Handle;

/**
 * Deletes the integrations of deleted environments with their connections, syncs and records. This is a durable task,
 * so another server continues if one stops.
 */
public final class EnvironmentRemoval implements Environments.RemovalHook {
    private static final String TASK = "environment-deleted";

    /** By then every server refuses the environment's keys, so nothing new is created. */
    private static final Duration NOTICED = Duration.ofSeconds(2);

    private final Database db;
    private final Schedule schedule;
    private final Integrations integrations;
    private final ConnectionDeletion deletion;
    private final Clock clock;

    public EnvironmentRemoval(
            Database db, Schedule schedule, Integrations integrations, ConnectionDeletion deletion, Clock clock) {
        this.db = db;
        this.schedule = schedule;
        this.integrations = integrations;
        this.deletion = deletion;
        this.clock = clock;
        schedule.handle(TASK, this::remove);
    }

    @Override
    public void deleted(Handle handle, long environment) {
        schedule.at(handle, TASK, String.valueOf(environment), clock.instant().plus(NOTICED));
    }

    private void remove(Schedule.Claim claim) throws InterruptedException {
        for (var integration : integrations.list(Long.parseLong(claim.id()))) {
            deletion.delete(integration);
        }
        db.useTransaction(handle -> schedule.finish(handle, claim));
    }
}
