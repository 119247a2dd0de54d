/** Connections with their encrypted credentials. */
@NullMarked
package dev.millrace.server.connection;

import org.jspecify.annotations.NullMarked;
