package dev.millrace.server.sync;

import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Reads the metadata of connections. The composition root connects it with the package that stores them. */
public interface StoredMetadata {
    /** The whole current object, or JSON null. */
    JsonNode of(Handle handle, long connectionId);
}
