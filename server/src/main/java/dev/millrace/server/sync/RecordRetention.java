package dev.millrace.server.sync;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.record.Aging;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.schedule.Schedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToIntFunction;

/**
 * Lets records grow old: contents that have not changed for long are pruned, and what no sync keeps up any more is
 * removed (records §6). One process of a cluster does so at a time, little by little.
 */
public final class RecordRetention {
    private static final String TASK = "record-retention";
    private static final String ALL = "all";
    private static final Duration PAUSE = Duration.ofHours(1);
    // So that a round is short, and others may write in between.
    private static final Duration BREATH = Duration.ofSeconds(1);
    private static final int ROUND = 1_000;
    private static final int ROUNDS = 50;
    private static final int NEVER = 0;

    private final Database db;
    private final Schedule schedule;
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
        this.db = db;
        this.schedule = schedule;
        this.records = records;
        this.connections = connections;
        this.environments = environments;
        this.settings = settings;
        this.clock = clock;
        schedule.handle(TASK, _ -> run());
    }

    /** Makes sure that there is a task; it is due now. */
    public void begin() {
        db.useTransaction(handle -> schedule.at(handle, TASK, ALL, clock.instant()));
    }

    private void run() {
        var aging = records.aging(
                after, ago(shortest(Settings::recordsPruneDays)), ago(shortest(Settings::recordsDeleteDays)));
        boolean more = work(aging);
        if (!more) {
            after = aging.next().orElse(0);
        }
        boolean done = !more && aging.next().isEmpty();
        var next = clock.instant().plus(done ? PAUSE : BREATH);
        db.useTransaction(handle -> schedule.again(handle, TASK, ALL, next));
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

    /** Of all environments; what is old by none of them is not looked at. */
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
