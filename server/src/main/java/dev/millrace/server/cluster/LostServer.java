package dev.millrace.server.cluster;

import java.util.UUID;

/**
 * A server that has stopped or was removed.
 *
 * @param node the name of its data folder, which a later process may use again
 * @param process the id of the lost process
 */
public record LostServer(String node, UUID process) {}
