package dev.millrace.server.metadata;

/** Identifies a connection by its public names. */
public record Address(long environment, String integration, String connectionId) {}
