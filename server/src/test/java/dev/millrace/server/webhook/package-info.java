/** Parts of the webhooks of providers by themselves. */
@NullMarked
package dev.millrace.server.webhook;

import org.jspecify.annotations.NullMarked;
