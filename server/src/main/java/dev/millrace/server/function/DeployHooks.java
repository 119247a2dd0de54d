package dev.millrace.server.function;

import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Callbacks of deploys, implemented by the packages of syncs and runs. */
public interface DeployHooks {
    /** Within the deploy's transaction: refuses it when the function asks for what cannot be. */
    void check(Function function);

    /** Within the deploy's transaction: what is in service now, and what went out of service. */
    void changed(Handle handle, List<Function> inService, List<Function> removed);

    /** After the transaction. */
    void committed();

    /**
     * How many connections there are to be synced.
     *
     * @param connections by integration
     * @param syncing by integration and sync: connections on which that sync exists
     */
    record Counts(Map<String, Integer> connections, Map<Function.Key, Integer> syncing) {}

    Counts counts(long environment);
}
