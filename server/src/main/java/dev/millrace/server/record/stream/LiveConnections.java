package dev.millrace.server.record.stream;

import java.util.Collection;
import java.util.Set;

/** Which connections still exist; connected to the connection room when the server is put together. */
@FunctionalInterface
public interface LiveConnections {
    /** Those of the internal ids whose connections are not deleted. */
    Set<Long> among(Collection<Long> ids);
}
