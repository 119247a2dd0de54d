package dev.millrace.bench;

/**
 * How hard and how long.
 *
 * @param clients that each send their next request when the answer to the last one is there
 * @param warmUp seconds before those that count
 * @param seconds that count
 */
public record Settings(int clients, int warmUp, int seconds) {}
