package dev.millrace.server.record;

/**
 * The result of one round of pruning.
 *
 * @param hasMore whether records with contents remain up to the requested position
 */
public record Pruned(int count, boolean hasMore) {}
