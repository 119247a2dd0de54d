package dev.millrace.server.record;

import java.util.OptionalLong;

/** Finds a connection's internal id; implemented by the package connection. */
@FunctionalInterface
public interface ConnectionLookup {
    OptionalLong find(long environment, String providerConfigKey, String connectionId);
}
