package dev.millrace.server.cluster;

import java.time.Instant;

/**
 * A running server.
 *
 * @param node the name of its data folder, the same after a restart
 * @param seenAt time of its last heartbeat
 */
public record LiveServer(String node, String version, Instant startedAt, Instant seenAt) {}
