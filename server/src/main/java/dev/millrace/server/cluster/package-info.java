/** Which servers are running, their leases, and the messages between them. Knows no feature. */
@NullMarked
package dev.millrace.server.cluster;

import org.jspecify.annotations.NullMarked;
