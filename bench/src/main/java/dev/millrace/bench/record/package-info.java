/** The load program of the records store: its writes beside plain COPY, its reads, its behaviour in size and in number. */
@NullMarked
package dev.millrace.bench.record;

import org.jspecify.annotations.NullMarked;
