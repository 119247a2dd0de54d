package dev.millrace.server.function;

import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Callbacks of deploys, implemented by the packages of syncs and runs. */
public interface DeployHooks {
    /** Within the deploy's transaction: refuses a function that requests something impossible. */
    void check(Function function);

    /** Within the deploy's transaction: the functions that are now active, and those that no longer are. */
    void changed(Handle handle, List<Function> inService, List<Function> removed);

    /** After the transaction. */
    void committed();

    /**
     * The numbers of connections.
     *
     * @param connections by integration
     * @param syncing by integration and sync: connections on which that sync exists
     */
    record Counts(Map<String, Integer> connections, Map<Function.Key, Integer> syncing) {}

    Counts counts(long environment);
}
