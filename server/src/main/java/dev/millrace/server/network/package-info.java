/** IP addresses and ranges of them. */
@NullMarked
package dev.millrace.server.network;

import org.jspecify.annotations.NullMarked;
