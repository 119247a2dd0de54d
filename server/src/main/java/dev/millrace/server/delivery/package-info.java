/** Webhooks to applications. So far they are only stored, in the order of the events. */
@NullMarked
package dev.millrace.server.delivery;

import org.jspecify.annotations.NullMarked;
