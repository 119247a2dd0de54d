/** The composition root: {@code Server} says {@code new} for every service. */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
