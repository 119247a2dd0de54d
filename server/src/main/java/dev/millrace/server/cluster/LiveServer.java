package dev.millrace.server.cluster;

import java.time.Instant;

/**
 * A server that lives.
 *
 * @param node its data folder, the same after a restart
 * @param seenAt when it was last heard of
 */
public record LiveServer(String node, String version, Instant startedAt, Instant seenAt) {}
