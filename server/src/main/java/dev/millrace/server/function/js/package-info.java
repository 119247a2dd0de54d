/** Executes functions in Node worker processes, and compiles them. */
@NullMarked
package dev.millrace.server.function.js;

import org.jspecify.annotations.NullMarked;
