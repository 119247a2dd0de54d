package dev.millrace.server.connection;

import java.util.List;
import java.util.Map;

/** Finds connections by values of their metadata. */
public interface MetadataSearch {
    /**
     * The internal ids of the connections that have all these values.
     *
     * @param integrations where to search; empty: everywhere
     * @param values by path; a path that is not indexed is refused
     */
    List<Long> find(long environment, List<String> integrations, Map<String, String> values);
}
