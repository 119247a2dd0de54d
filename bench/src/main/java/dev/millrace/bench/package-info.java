/** The load program: a server in its own process, an API that it calls, and clients. */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
