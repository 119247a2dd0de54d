package dev.millrace.server.metadata;

/** Which connection is meant, as its users name it. */
public record Address(long environment, String integration, String connectionId) {}
