/** Trial executions of a function that write nothing. */
@NullMarked
package dev.millrace.server.dryrun;

import org.jspecify.annotations.NullMarked;
