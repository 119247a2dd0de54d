package dev.millrace.server.record;

import java.util.OptionalLong;

/** Finds the internal id of a connection. Implemented by the package connection. */
@FunctionalInterface
public interface ConnectionLookup {
    OptionalLong find(long environment, String providerConfigKey, String connectionId);
}
