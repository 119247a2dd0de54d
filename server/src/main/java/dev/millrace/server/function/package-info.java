/** Deployed functions: definitions, versions, code. */
@NullMarked
package dev.millrace.server.function;

import org.jspecify.annotations.NullMarked;
