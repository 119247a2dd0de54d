package dev.millrace.server.record.stream;

import java.util.Collection;
import java.util.Set;

/** Says which connections exist. Implemented by the package connection. */
@FunctionalInterface
public interface LiveConnections {
    /** Those of the internal ids whose connections are not deleted. */
    Set<Long> among(Collection<Long> ids);
}
