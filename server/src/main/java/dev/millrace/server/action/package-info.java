/** Actions: called by an app, at once or later, each at most once for one idempotency key. */
@NullMarked
package dev.millrace.server.action;

import org.jspecify.annotations.NullMarked;
