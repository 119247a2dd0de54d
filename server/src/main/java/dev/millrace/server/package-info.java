/** The composition root: {@code Server} creates every service. */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
