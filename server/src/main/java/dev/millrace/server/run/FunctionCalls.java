package dev.millrace.server.run;

import dev.millrace.server.http.Failure;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** How functions reach each other: connected by the composition root, since actions and syncs start runs themselves. */
public interface FunctionCalls {
    /**
     * Runs an action to its end.
     *
     * @return JSON text
     * @throws Failure as the caller of the action over HTTP would see it
     */
    byte[] triggerAction(ActionCall call) throws InterruptedException;

    /** {@code sync} and {@code options} as the function gave them. */
    void triggerSync(
            long environment, String integration, Optional<String> connectionId, JsonNode sync, JsonNode options);

    void startSyncs(long environment, String integration, Optional<String> connectionId, JsonNode syncs);
}
