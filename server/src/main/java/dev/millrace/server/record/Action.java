package dev.millrace.server.record;

/** The last change of a record. */
public enum Action {
    ADDED,
    UPDATED,
    DELETED
}
