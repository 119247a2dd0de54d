package dev.millrace.server.sync;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.record.Aging;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.schedule.RecurringJob;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToIntFunction;

/**
 * Prunes contents of records that have not changed for long, and deletes records that no sync maintains any more. One
 * server of a cluster does so at a time, in small batches.
 */
public final class RecordRetention {
    private static final String TASK = "record-retention";
    private static final Pace PACE = new Pace(Duration.ofSeconds(1), Duration.ofHours(1));
    private static final int ROUND = 1_000;
    private static final int ROUNDS = 50;
    private static final int NEVER = 0;

    private final RecurringJob job;
    private final Records records;
    private final Connections connections;
    private final Environments environments;
    private final EnvironmentSettings settings;
    private final Clock clock;
    private volatile long after;

    public RecordRetention(
            Database db,
            Schedule schedule,
            Records records,
            Connections connections,
            Environments environments,
            EnvironmentSettings settings,
            Clock clock) {
        this.records = records;
        this.connections = connections;
        this.environments = environments;
        this.settings = settings;
        this.clock = clock;
        this.job = new RecurringJob(db, schedule, clock, TASK, PACE, this::round);
    }

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        job.begin();
    }

    private boolean round() {
        var aging = records.aging(
                after, ago(shortest(Settings::recordsPruneDays)), ago(shortest(Settings::recordsDeleteDays)));
        boolean more = work(aging);
        if (!more) {
            after = aging.next().orElse(0);
        }
        return more || aging.next().isPresent();
    }

    /** True when there is more to do with these datasets. */
    private boolean work(Aging aging) {
        int rounds = 0;
        for (var dataset : aging.prunable()) {
            var days = days(dataset, Settings::recordsPruneDays);
            boolean more = days != NEVER;
            while (more) {
                if (rounds++ == ROUNDS) {
                    return true;
                }
                more = records.pruneUnchangedSince(ago(days), dataset, ROUND).hasMore();
            }
        }
        for (var dataset : aging.unwritten()) {
            var days = days(dataset, Settings::recordsDeleteDays);
            if (days != NEVER) {
                var since = ago(days);
                records.deleteUnless(connection -> SyncStore.declares(connection, dataset, since), dataset);
            }
        }
        return false;
    }

    private int days(Dataset dataset, ToIntFunction<Settings> setting) {
        return connections
                .find(dataset.connection())
                .map(c -> setting.applyAsInt(settings.read(c.environmentId())))
                .orElse(NEVER);
    }

    /** The shortest limits of all environments; newer records need not be read. */
    private int shortest(ToIntFunction<Settings> setting) {
        return environments.ids().stream()
                .mapToInt(id -> setting.applyAsInt(settings.read(id)))
                .filter(days -> days != NEVER)
                .min()
                .orElse(NEVER);
    }

    private Instant ago(int days) {
        return days == NEVER ? Instant.EPOCH : clock.instant().minus(Duration.ofDays(days));
    }
}
