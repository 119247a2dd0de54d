/**
 * Everything that leaves the server over HTTP: one client behind an address guard, with pinned DNS, TLS, forward proxies and
 * time limits. Knows no feature.
 */
@NullMarked
package dev.millrace.server.outbound;

import org.jspecify.annotations.NullMarked;
