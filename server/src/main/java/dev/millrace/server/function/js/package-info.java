/** Executes the code of functions in worker processes. */
@NullMarked
package dev.millrace.server.function.js;

import org.jspecify.annotations.NullMarked;
