/** The log of operations and their lines, shown to people. */
@NullMarked
package dev.millrace.server.log;

import org.jspecify.annotations.NullMarked;
