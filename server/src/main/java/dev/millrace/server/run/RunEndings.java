package dev.millrace.server.run;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.db.Outage;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Status;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The last log line of a run. */
final class RunEndings {
    /** The failure of a sync that was stopped at a checkpoint. */
    static final String INTERRUPTED = "execution_interrupted";

    /**
     * Failures that the function did not cause: its worker or the database was lost. Another run of the sync continues.
     */
    static final Set<String> RESUMED = Set.of("function_runtime_other", Outage.AWAY.code());

    /** The last line of a run that another process has taken over. */
    static final String LOST_MESSAGE =
            LeaseLost.CODE + ": the process of this run was silent for too long, and another one took over";

    /** The error of such a run. */
    static final String LOST_ERROR = Json.text(
            Json.object().put("type", LeaseLost.CODE).put("message", "The process that ran this was not heard of."));

    private RunEndings() {}

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
