package dev.millrace.server.sync;

import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Reads the metadata of connections; the composition root connects it with the package that stores them. */
public interface StoredMetadata {
    /** The whole object at this moment, or JSON null. */
    JsonNode of(Handle handle, long connectionId);
}
