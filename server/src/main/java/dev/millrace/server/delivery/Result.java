package dev.millrace.server.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The outcome of a claimed delivery.
 *
 * @param destination the id of the destination
 * @param state the new state of the delivery
 * @param attempts the number of attempts made so far
 * @param delay the time until the next attempt; used only in state {@code WAITING}
 * @param status the HTTP status of the response, if there was one
 * @param error why the attempt failed
 * @param verdict what the outcome says about the destination
 */
record Result(
        DueDelivery due,
        long destination,
        State state,
        int attempts,
        Duration delay,
        OptionalInt status,
        Optional<String> error,
        Verdict verdict) {

    /** What an attempt says about the destination. The circuit breaker counts verdicts. */
    enum Verdict {
        /** The receiver works. */
        GOOD,
        /** The receiver failed or could not be reached. */
        BAD,
        /** The attempt says nothing about the receiver. */
        NONE
    }

    /** A delivery that was claimed but not attempted; it becomes due again after the delay. */
    static Result postponed(DueDelivery due, long destination, Duration delay) {
        return new Result(
                due,
                destination,
                State.WAITING,
                due.attempts(),
                delay,
                OptionalInt.empty(),
                Optional.empty(),
                Verdict.NONE);
    }

    /** Whether an attempt was made. */
    boolean attempted() {
        return attempts > due.attempts();
    }
}
