/** The composition root: {@code Server} says {@code new} for every service, in three parts. */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
