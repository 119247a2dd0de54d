package dev.millrace.server.metadata;

import dev.millrace.server.http.Issue;
import java.util.List;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Checks metadata before it is written: declared here, connected by whoever knows the functions' schemas. */
public interface MetadataGuard {
    /** Accepts everything. */
    MetadataGuard NONE = (_, _, _, _) -> List.of();

    /**
     * Throws a failure to refuse the change; answers what to warn of otherwise.
     *
     * @param handle for whatever has to be looked up: the caller holds a connection to the database
     * @param metadata the whole object as it would be stored, or JSON null
     */
    List<Issue> check(Handle handle, long environment, long integrationId, JsonNode metadata);
}
