package dev.millrace.server.schedule;

import dev.millrace.server.db.Database;
import java.time.Clock;
import java.util.List;

/**
 * Removes what has been kept for long enough, by the rules of the features. Each rule has a task of its own: one process of a
 * cluster removes some at a time, soon again while there is more.
 */
public final class Retention {
    private final Database db;
    private final List<RecurringJob> jobs;

    public Retention(Database db, Schedule schedule, Clock clock, List<RetentionRule> rules) {
        this.db = db;
        this.jobs = rules.stream().map(rule -> job(db, schedule, clock, rule)).toList();
    }

    private static RecurringJob job(Database db, Schedule schedule, Clock clock, RetentionRule rule) {
        return new RecurringJob(db, schedule, clock, rule.name(), rule.pace(), () -> {
            var before = clock.instant().minus(rule.kept());
            return rule.removal().remove(before, rule.most()) >= rule.most();
        });
    }

    /** Makes sure that each rule has a task; all are due now. */
    public void begin() {
        db.useTransaction(handle -> jobs.forEach(job -> job.begin(handle)));
    }
}
