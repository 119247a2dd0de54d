/** The embedded PostgreSQL: its files, its process and the folder it keeps. */
@NullMarked
package dev.millrace.server.db.embedded;

import org.jspecify.annotations.NullMarked;
