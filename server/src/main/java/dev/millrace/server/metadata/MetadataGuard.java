package dev.millrace.server.metadata;

import dev.millrace.server.http.Issue;
import java.util.List;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/**
 * Validates metadata before it is written. Declared here, implemented by the package that knows the functions' schemas.
 */
public interface MetadataGuard {
    /** Accepts everything. */
    MetadataGuard NONE = (_, _, _, _) -> List.of();

    /**
     * Throws a failure to refuse the change; otherwise returns warnings.
     *
     * @param handle for queries, because the caller holds a database connection
     * @param metadata the whole object to be stored, or JSON null
     */
    List<Issue> check(Handle handle, long environment, long integrationId, JsonNode metadata);
}
