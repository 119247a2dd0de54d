package dev.millrace.server.record;

/**
 * Identifies a dataset by public names.
 *
 * @param integration its unique key
 * @param connection the public id
 * @param model the full name, as {@link Dataset#model}
 */
record Address(long environment, String integration, String connection, String model) {}
