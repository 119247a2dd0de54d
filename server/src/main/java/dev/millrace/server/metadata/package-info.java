/** The JSON object of a connection: replace and merge. */
@NullMarked
package dev.millrace.server.metadata;

import org.jspecify.annotations.NullMarked;
