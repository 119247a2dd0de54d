/**
 * The HTTP client for all outgoing calls: an address guard, pinned DNS, TLS, forward proxies and time limits. Knows no
 * feature.
 */
@NullMarked
package dev.millrace.server.outbound;

import org.jspecify.annotations.NullMarked;
