/** Actions and bundle functions, called by an app: synchronous and asynchronous, with idempotency keys. */
@NullMarked
package dev.millrace.server.action;

import org.jspecify.annotations.NullMarked;
