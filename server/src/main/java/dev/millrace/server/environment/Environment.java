package dev.millrace.server.environment;

import java.util.UUID;

/** A set of integrations, connections and functions with keys of its own. */
public record Environment(long id, UUID uuid, String name, boolean isProduction) {}
