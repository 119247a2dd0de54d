package dev.millrace.server.cluster;

import java.util.UUID;

/**
 * A server that is gone.
 *
 * @param node its data folder, which a later life of it may use again
 * @param process this life of it
 */
public record LostServer(String node, UUID process) {}
