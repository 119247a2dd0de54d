/** What applications are told by webhook: so far it is only written down, in the order it happened. */
@NullMarked
package dev.millrace.server.delivery;

import org.jspecify.annotations.NullMarked;
