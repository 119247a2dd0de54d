/** Which syncs a connection has, when they run, what state they are in. */
@NullMarked
package dev.millrace.server.sync;

import org.jspecify.annotations.NullMarked;
