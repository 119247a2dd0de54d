package dev.millrace.server.metadata;

/** One value by which a connection can be found. */
record IndexEntry(String path, String digest) {}
