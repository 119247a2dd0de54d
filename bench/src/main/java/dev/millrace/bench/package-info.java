/** The load program: a server as its own process, an API for it to call, clients that keep it busy. */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
