/** Outbound webhooks: what applications are told, in the transaction of what happened; signed, sent and repeated. */
@NullMarked
package dev.millrace.server.delivery;

import org.jspecify.annotations.NullMarked;
