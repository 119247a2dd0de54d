/** The database: embedded or the user's own, pool, migrations. Knows no table. */
@NullMarked
package dev.millrace.server.db;

import org.jspecify.annotations.NullMarked;
