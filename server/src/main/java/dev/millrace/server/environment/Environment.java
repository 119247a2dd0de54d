package dev.millrace.server.environment;

import java.util.UUID;

/** A world of its own: integrations, connections and functions of one environment are unseen from another. */
public record Environment(long id, UUID uuid, String name) {}
