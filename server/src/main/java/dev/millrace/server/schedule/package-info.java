/** Durable, clustered tasks on PostgreSQL. Knows no task kind. */
@NullMarked
package dev.millrace.server.schedule;

import org.jspecify.annotations.NullMarked;
