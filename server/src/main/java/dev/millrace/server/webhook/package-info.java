/** Webhooks of providers: accepted by a commit, then given to the functions that want them, and to applications. */
@NullMarked
package dev.millrace.server.webhook;

import org.jspecify.annotations.NullMarked;
