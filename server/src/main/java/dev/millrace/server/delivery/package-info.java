/**
 * Outbound webhooks. An event is stored in the transaction that it reports. Events are then signed, sent to the
 * application and retried after failures.
 */
@NullMarked
package dev.millrace.server.delivery;

import org.jspecify.annotations.NullMarked;
