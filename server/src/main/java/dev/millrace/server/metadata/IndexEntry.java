package dev.millrace.server.metadata;

/** A value by which a connection can be found. */
record IndexEntry(String path, String digest) {}
