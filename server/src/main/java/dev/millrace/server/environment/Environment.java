package dev.millrace.server.environment;

import java.util.UUID;

/** A set of integrations, connections and functions with its own API keys. */
public record Environment(long id, UUID uuid, String name, boolean isProduction) {}
