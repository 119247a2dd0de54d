package dev.millrace.server.record;

import java.util.OptionalLong;

/** Finds a connection's internal id; connected to the connection room when the server is put together. */
@FunctionalInterface
public interface ConnectionLookup {
    OptionalLong find(long environment, String providerConfigKey, String connectionId);
}
