package dev.millrace.server.schedule;

import dev.millrace.server.schedule.RecurringJob.Pace;
import java.time.Duration;
import java.time.Instant;

/**
 * What a feature removes with time.
 *
 * @param name of its task
 * @param kept how long it is kept; zero when the removal itself decides
 * @param most how much is removed in one round
 */
public record RetentionRule(String name, Pace pace, Duration kept, int most, Removal removal) {
    /** Removes some. */
    @FunctionalInterface
    public interface Removal {
        /**
         * Removes what is older.
         *
         * @param most no more than this
         * @return how much it went through; as much as it may when there can be more
         */
        int remove(Instant before, int most) throws InterruptedException;
    }
}
