package dev.millrace.server.run;

import dev.millrace.server.function.js.FunctionHost.SyncStart;
import dev.millrace.server.function.js.FunctionHost.SyncTrigger;
import dev.millrace.server.http.Failure;

/**
 * Calls between functions. Connected by the composition root, because the packages of actions and syncs start runs
 * themselves.
 */
public interface FunctionCalls {
    /**
     * Runs an action to its end.
     *
     * @return JSON text
     * @throws Failure as the caller of the action over HTTP would see it
     */
    byte[] triggerAction(ActionCall call) throws InterruptedException;

    void triggerSync(long environment, SyncTrigger trigger);

    void startSyncs(long environment, SyncStart start);
}
