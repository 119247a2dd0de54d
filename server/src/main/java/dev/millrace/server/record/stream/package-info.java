/** The stream of changes of the records cache as server-sent events. */
@NullMarked
package dev.millrace.server.record.stream;

import org.jspecify.annotations.NullMarked;
