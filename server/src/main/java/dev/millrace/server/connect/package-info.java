/** How customers connect: connect sessions, forms, OAuth in a popup, the Connect page. */
@NullMarked
package dev.millrace.server.connect;

import org.jspecify.annotations.NullMarked;
