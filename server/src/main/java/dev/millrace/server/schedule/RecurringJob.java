package dev.millrace.server.schedule;

import dev.millrace.server.db.Database;
import java.time.Clock;
import java.time.Duration;
import org.jdbi.v3.core.Handle;

/**
 * Recurring background work. One server of a cluster executes a round at a time: soon again while there is more to do,
 * otherwise after a pause.
 */
public final class RecurringJob {
    private static final String ALL = "all";

    private final Database db;
    private final Schedule schedule;
    private final Clock clock;
    private final String name;

    /** A round of the work. */
    @FunctionalInterface
    public interface Round {
        /** Executes a round; true when there is more to do. */
        boolean more() throws InterruptedException;
    }

    /**
     * The intervals.
     *
     * @param breath pause between two rounds, so that other transactions can write
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

    /** Creates the task unless it exists. It is due at once. */
    public void begin() {
        db.useTransaction(this::begin);
    }

    /** The same in a transaction. */
    void begin(Handle handle) {
        schedule.at(handle, name, ALL, clock.instant());
    }
}
