/** The credentials of connections: their kinds, and how tokens are obtained and renewed. */
@NullMarked
package dev.millrace.server.credential;

import org.jspecify.annotations.NullMarked;
