/** Which process may do what: leases, and who lives. Knows no feature. */
@NullMarked
package dev.millrace.server.cluster;

import org.jspecify.annotations.NullMarked;
