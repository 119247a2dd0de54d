package dev.millrace.server.record;

/**
 * What one round of pruning did.
 *
 * @param hasMore whether records with a payload remain up to the position asked for
 */
public record Pruned(int count, boolean hasMore) {}
