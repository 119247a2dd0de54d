package dev.millrace.server.run;

import dev.millrace.server.activity.Status;
import dev.millrace.server.function.runtime.Outcome;
import org.jspecify.annotations.Nullable;

/** What the log says of the end of a run. */
final class Endings {
    /** The failure of a sync that was stopped at a checkpoint (functions §12). */
    static final String INTERRUPTED = "execution_interrupted";

    private Endings() {}

    /**
     * @param outcome null when the run was interrupted from outside
     * @param stopping whether the server stops
     */
    static Status status(@Nullable Outcome outcome, boolean stopping) {
        return switch (outcome) {
            case Outcome.Succeeded _ -> Status.SUCCESS;
            case Outcome.Failed failed -> failed.type().equals(INTERRUPTED) ? Status.INTERRUPTED : Status.FAILED;
            case null -> stopping ? Status.INTERRUPTED : Status.CANCELLED;
        };
    }

    static String message(Status status) {
        return switch (status) {
            case SUCCESS -> "The run ended well";
            case CANCELLED -> "The run was cancelled";
            case INTERRUPTED -> "The run was interrupted because the server stops";
            case FAILED, RUNNING -> "The run failed";
        };
    }
}
