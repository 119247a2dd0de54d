/** What happened: the log of operations, shown to people. */
@NullMarked
package dev.millrace.server.activity;

import org.jspecify.annotations.NullMarked;
