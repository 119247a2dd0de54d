package dev.millrace.server.schedule;

import dev.millrace.server.db.Database;
import java.time.Clock;
import java.time.Duration;

/**
 * Work that never ends and that nobody waits for: one process of a cluster does some of it at a time, soon again while there is
 * more, else after a pause.
 */
public final class RecurringJob {
    private static final String ALL = "all";

    private final Database db;
    private final Schedule schedule;
    private final Clock clock;
    private final String name;

    /** Some of the work. */
    @FunctionalInterface
    public interface Round {
        /** Does some of it; true when there is more. */
        boolean more() throws InterruptedException;
    }

    /**
     * How often.
     *
     * @param breath between two rounds, so that others get to write in between
     * @param pause when nothing is left to do
     */
    public record Pace(Duration breath, Duration pause) {}

    public RecurringJob(Database db, Schedule schedule, Clock clock, String name, Pace pace, Round round) {
        this.db = db;
        this.schedule = schedule;
        this.clock = clock;
        this.name = name;
        schedule.handle(name, claim -> {
            var next = clock.instant().plus(round.more() ? pace.breath() : pace.pause());
            db.useTransaction(handle -> schedule.again(handle, claim, next));
        });
    }

    /** Makes sure that there is a task; it is due now. */
    public void begin() {
        db.useTransaction(handle -> schedule.at(handle, name, ALL, clock.instant()));
    }
}
