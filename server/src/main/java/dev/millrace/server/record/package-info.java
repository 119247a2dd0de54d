/** The records cache: upsert, change cursor, delete tracking. */
@NullMarked
package dev.millrace.server.record;

import org.jspecify.annotations.NullMarked;
