/** The syncs of connections: their schedule, commands and status. */
@NullMarked
package dev.millrace.server.sync;

import org.jspecify.annotations.NullMarked;
