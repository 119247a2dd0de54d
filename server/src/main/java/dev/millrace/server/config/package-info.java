/** Everything the server can be told. */
@NullMarked
package dev.millrace.server.config;

import org.jspecify.annotations.NullMarked;
