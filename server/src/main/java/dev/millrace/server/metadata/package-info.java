/** The JSON object of a connection: replaced, merged and patched, with versions, a history and an index for lookups. */
@NullMarked
package dev.millrace.server.metadata;

import org.jspecify.annotations.NullMarked;
