/** Functions against real worker processes. */
@NullMarked
package dev.millrace.server.function.js;

import org.jspecify.annotations.NullMarked;
