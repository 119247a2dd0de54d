package dev.millrace.server.metadata;

import java.util.Collection;
import org.jdbi.v3.core.Handle;

/** Removes the metadata of connections that are removed. */
public final class MetadataRetention {
    private static final String REMOVE = "DELETE FROM metadata WHERE connection_id = ANY (:ids)";
    private static final String REMOVE_HISTORY = "DELETE FROM metadata_history WHERE connection_id = ANY (:ids)";

    /** Removes what is stored for connections, in the transaction that removes them. */
    public void remove(Handle handle, Collection<Long> connections) {
        for (var sql : new String[] {REMOVE, REMOVE_HISTORY}) {
            handle.createUpdate(sql).bindArray("ids", Long.class, connections).execute();
        }
    }
}
