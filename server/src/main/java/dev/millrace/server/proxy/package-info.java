/** Calls to providers: credentials added, retried, streamed. */
@NullMarked
package dev.millrace.server.proxy;

import org.jspecify.annotations.NullMarked;
