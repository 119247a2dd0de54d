/** Durable, clustered tasks on PostgreSQL. Knows no kind of task. */
@NullMarked
package dev.millrace.server.schedule;

import org.jspecify.annotations.NullMarked;
