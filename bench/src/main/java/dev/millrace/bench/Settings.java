package dev.millrace.bench;

/**
 * The load.
 *
 * @param clients each sends its next request after the response to the previous one
 * @param warmUp seconds that are not measured
 * @param seconds that are measured
 */
public record Settings(int clients, int warmUp, int seconds) {}
