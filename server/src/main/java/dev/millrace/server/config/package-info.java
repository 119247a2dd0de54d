/** The configuration of the server. */
@NullMarked
package dev.millrace.server.config;

import org.jspecify.annotations.NullMarked;
