/** Verifies webhook calls from providers and reads their events. Stores nothing. */
@NullMarked
package dev.millrace.server.webhook.scheme;

import org.jspecify.annotations.NullMarked;
