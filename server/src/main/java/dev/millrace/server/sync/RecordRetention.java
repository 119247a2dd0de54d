package dev.millrace.server.sync;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.record.AgedDatasets;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.schedule.RecurringJob.Pace;
import dev.millrace.server.schedule.RetentionRule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToIntFunction;

/**
 * Lets records grow old: contents that have not changed for long are pruned, and what no sync keeps up any more is
 * removed.
 */
public final class RecordRetention {
    private static final Pace PACE = new Pace(Duration.ofSeconds(1), Duration.ofHours(1));
    private static final int ROUND = 1_000;
    private static final int ROUNDS = 50;
    private static final int NEVER = 0;

    private final Records records;
    private final Connections connections;
    private final Environments environments;
    private final EnvironmentSettings settings;
    private final Clock clock;
    private volatile long after;

    public RecordRetention(
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
    }

    public RetentionRule rule() {
        return new RetentionRule("record-retention", PACE, Duration.ZERO, ROUND, (_, most) -> hasMore(most) ? most : 0);
    }

    private boolean hasMore(int most) {
        var aging = records.aged(
                after, ago(shortest(Settings::recordsPruneDays)), ago(shortest(Settings::recordsDeleteDays)));
        boolean more = work(aging, most);
        if (!more) {
            after = aging.next().orElse(0);
        }
        return more || aging.next().isPresent();
    }

    /** True when there is more to do with these datasets. */
    private boolean work(AgedDatasets aging, int most) {
        int rounds = 0;
        for (var dataset : aging.prunable()) {
            var days = days(dataset, Settings::recordsPruneDays);
            boolean more = days != NEVER;
            while (more) {
                if (rounds++ == ROUNDS) {
                    return true;
                }
                more = records.pruneUnchangedSince(ago(days), dataset, most).hasMore();
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
