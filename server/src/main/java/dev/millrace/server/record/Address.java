package dev.millrace.server.record;

/**
 * Which records, by the names that applications know.
 *
 * @param integration its unique key
 * @param connection the public id
 * @param model the full name, as {@link Dataset#model}
 */
record Address(long environment, String integration, String connection, String model) {}
