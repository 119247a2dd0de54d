/** Dry runs: executions of a function that store nothing. */
@NullMarked
package dev.millrace.server.dryrun;

import org.jspecify.annotations.NullMarked;
