/** Unit tests of the delivery of webhooks. */
@NullMarked
package dev.millrace.server.delivery;

import org.jspecify.annotations.NullMarked;
