package dev.millrace.server.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What became of a claimed delivery.
 *
 * @param attempts made up to now
 * @param pause until the next one, while it waits
 * @param status of the answer
 * @param error why it did not succeed
 * @param verdict what it says of the address
 */
record Result(
        Due due,
        long destination,
        State state,
        int attempts,
        Duration pause,
        OptionalInt status,
        Optional<String> error,
        Verdict verdict) {

    /** What an attempt says of the address. */
    enum Verdict {
        GOOD,
        /** The receiver is not well. */
        BAD,
        NONE
    }

    /** It was not tried: another one must come before it. */
    static Result putBack(Due due, long destination, Duration pause) {
        return new Result(
                due,
                destination,
                State.WAITING,
                due.attempts(),
                pause,
                OptionalInt.empty(),
                Optional.empty(),
                Verdict.NONE);
    }

    boolean tried() {
        return attempts > due.attempts();
    }
}
