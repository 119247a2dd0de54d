/** What happened: the log of operations, shown to people. */
@NullMarked
package dev.millrace.server.log;

import org.jspecify.annotations.NullMarked;
