package dev.millrace.server.cluster;

import java.util.UUID;

/**
 * A server that has stopped or was removed.
 *
 * @param node its data folder, which a later process of it may use again
 * @param process the id of the process that was lost
 */
public record LostServer(String node, UUID process) {}
