/** Functions against real worker processes. */
@NullMarked
package dev.millrace.server.function.runtime;

import org.jspecify.annotations.NullMarked;
