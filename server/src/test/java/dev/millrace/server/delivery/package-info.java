/** Parts of the delivery of webhooks by themselves. */
@NullMarked
package dev.millrace.server.delivery;

import org.jspecify.annotations.NullMarked;
