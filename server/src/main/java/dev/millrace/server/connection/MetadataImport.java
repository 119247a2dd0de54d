package dev.millrace.server.connection;

import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** Stores the metadata of an import, in the transaction of the import. */
public interface MetadataImport {
    void imported(Handle handle, long connectionId, ObjectNode metadata, String actor);
}
