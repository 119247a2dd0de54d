package dev.millrace.server.record.stream;

import java.util.Collection;
import java.util.Set;

/** Which connections still exist; implemented by the package connection. */
@FunctionalInterface
public interface LiveConnections {
    /** Those of the internal ids whose connections are not deleted. */
    Set<Long> among(Collection<Long> ids);
}
