package dev.millrace.server.connection;

import java.util.Collection;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** What other packages store for connections, as far as it matters to their removal; connected by the composition root. */
public interface ConnectionDependents {
    /** Those of the deleted connections that must stay for now. */
    Set<Long> keeping(Handle handle, Collection<Long> connections);

    /** Removes what is stored for connections, in the transaction that removes them. */
    void remove(Handle handle, Collection<Long> connections);
}
