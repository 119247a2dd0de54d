package dev.millrace.server.record;

/** What happened to a record last. */
public enum Action {
    ADDED,
    UPDATED,
    DELETED
}
