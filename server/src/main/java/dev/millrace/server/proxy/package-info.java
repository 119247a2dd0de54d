/** One outgoing HTTP request with credentials injected, retried, streamed. */
@NullMarked
package dev.millrace.server.proxy;

import org.jspecify.annotations.NullMarked;
