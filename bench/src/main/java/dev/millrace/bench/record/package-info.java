/** The load program of the records store: writes compared with plain COPY, reads, many records and many connections. */
@NullMarked
package dev.millrace.bench.record;

import org.jspecify.annotations.NullMarked;
