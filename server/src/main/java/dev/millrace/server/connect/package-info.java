/** How customers connect: connect sessions, and forms posted by pages and programs. */
@NullMarked
package dev.millrace.server.connect;

import org.jspecify.annotations.NullMarked;
