package dev.millrace.server.ui;

/**
 * A tab of a page, which is a page of its own.
 *
 * @param name by which the current one is recognised
 */
record Tab(String name, String title, String href) {}
