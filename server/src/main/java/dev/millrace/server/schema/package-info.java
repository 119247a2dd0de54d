/** The shape that sync functions ask of a connection's metadata: checks, form schema, guard of writes. */
@NullMarked
package dev.millrace.server.schema;

import org.jspecify.annotations.NullMarked;
