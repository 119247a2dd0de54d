/** How providers sign, name and address the webhooks that they send. Reads calls; stores nothing. */
@NullMarked
package dev.millrace.server.webhook.scheme;

import org.jspecify.annotations.NullMarked;
