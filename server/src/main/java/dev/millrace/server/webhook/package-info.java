/**
 * Webhooks from providers: received, verified, stored, passed to the subscribed functions and forwarded to the
 * application.
 */
@NullMarked
package dev.millrace.server.webhook;

import org.jspecify.annotations.NullMarked;
