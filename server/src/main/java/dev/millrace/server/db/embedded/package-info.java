/** The embedded PostgreSQL: its files, its process and the lock of the data folder. */
@NullMarked
package dev.millrace.server.db.embedded;

import org.jspecify.annotations.NullMarked;
