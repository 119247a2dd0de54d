package dev.millrace.server.sync;

import dev.millrace.server.action.AsyncActions;
import dev.millrace.server.connection.ConnectionDependents;
import dev.millrace.server.run.Checkpoints;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** What is stored for connections above the package that owns them. */
public final class DependentsOfConnections implements ConnectionDependents {
    /** Syncs and calls of actions have an end of their own; until then their connection stays. */
    @Override
    public Set<Long> keeping(Handle handle, Collection<Long> connections) {
        var keeping = new HashSet<>(SyncRetention.keeping(handle, connections));
        keeping.addAll(AsyncActions.keeping(handle, connections));
        return keeping;
    }

    @Override
    public void remove(Handle handle, Collection<Long> connections) {
        Checkpoints.remove(handle, connections);
    }
}
